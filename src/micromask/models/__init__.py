"""Networks and classifiers by name: arrays in, logits out."""
