"""The engine: it knows runs and executors, and nothing of networks or digits."""
