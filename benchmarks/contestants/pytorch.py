"""PyTorch, eager: the training loop of its tutorials, with all images in one tensor."""

import torch
from torch import nn

from benchmarks.contestants import weights
from helpers import Conv2D, Dense, Dropout, Flatten, MaxPool2D


def module(layer, own):
    """The same layer in PyTorch, with the same weights, whose axes PyTorch has in another order."""
    if isinstance(layer, Dense):
        made = nn.Linear(*own[0].shape)
        own = own[0].T, own[1]
    elif isinstance(layer, Conv2D):
        size, _, channels, filters = own[0].shape
        made = nn.Conv2d(channels, filters, size)
        own = own[0].transpose(3, 2, 0, 1), own[1]
    elif isinstance(layer, Dropout):
        made = nn.Dropout(layer.rate)
    elif isinstance(layer, MaxPool2D):
        made = nn.MaxPool2d(layer.size)
    elif isinstance(layer, Flatten):
        made = nn.Flatten()
    else:
        made = nn.ReLU()
    for mine, values in zip(made.parameters(), own):
        mine.data[...] = torch.from_numpy(values.copy())
    return made.requires_grad_(layer.trainable)


class Contestant:
    def __init__(self, workload):
        self.workload, network = workload, workload.network()
        shape = (784,) if len(network.input_shape) == 1 else (1, 28, 28)  # channels first
        train, test = workload.parts()
        self.x, self.labels = torch.from_numpy(train.inputs(shape)), torch.from_numpy(train.labels)
        self.test = torch.from_numpy(test.inputs(shape)), torch.from_numpy(test.labels)
        self.make = lambda: nn.Sequential(*map(module, network.layers, weights(network)))
        self.restart()

    def restart(self):
        self.model, self.loss = self.make(), nn.CrossEntropyLoss()
        self.optimizer = torch.optim.Adam([value for value in self.model.parameters() if value.requires_grad], eps=1e-7)

    def run(self):
        if self.workload.kind == "head":
            self.restart()
        self.model.train()
        for _ in range(self.workload.epochs):
            self.history = {"loss": 0.0, "right": 0}  # ours and Keras keep count too
            for rows in torch.randperm(len(self.labels)).split(self.workload.batch_size):
                labels = self.labels[rows]
                logits = self.model(self.x[rows])
                loss = self.loss(logits, labels)
                self.optimizer.zero_grad()
                loss.backward()
                self.optimizer.step()
                self.history["loss"] += loss.item() * len(rows)
                self.history["right"] += (logits.argmax(1) == labels).sum().item()

    @torch.no_grad()
    def accuracy(self):
        self.model.eval()
        x, labels = self.test
        right = sum(
            (self.model(x[i : i + 1000]).argmax(1) == labels[i : i + 1000]).sum() for i in range(0, len(x), 1000)
        )
        return float(right / len(labels))
