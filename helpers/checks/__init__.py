"""Are our numbers right? Compared with tiny steps along each weight, and with the same network in Keras."""
