"""Speed, side by side with the frameworks: `make bench`."""
