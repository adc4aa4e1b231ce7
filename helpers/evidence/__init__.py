"""What a result is worth: accuracy, intervals, and how stored results are read."""
