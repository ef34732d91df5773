"""The keys of a training configuration, by what they govern; `train.config.load.Config` joins them."""
