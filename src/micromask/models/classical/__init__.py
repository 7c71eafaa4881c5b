"""Classical baselines behind the face of the networks: features in torch, and a decision whose arrays a fit fills."""
