// The learners, in the order of the page: their names, and their looks, which are those of every figure of the series.

export const STRATEGIES = {
  scratch: { name: "from scratch", colour: "#D55E00", dash: "7 4" },
  random: { name: "random first layer frozen", colour: "#CC79A7", dash: "2 3" },
  frozen: { name: "first layer frozen", colour: "#009E73", dash: "8 3 2 3" },
  "fine-tune": { name: "all layers fine-tuned", colour: "#0072B2", dash: "" },
  mean: { name: "nearest mean of features", colour: "#8C6D1F", dash: "10 2 2 2" },
};

/** The name of a learner, where the layers up to `upto` are frozen. */
export function nameOf(strategy, upto) {
  const { name } = STRATEGIES[strategy];
  return upto === "hidden2" ? name.replace("first layer", "hidden layers") : name;
}
