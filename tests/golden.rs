//! Golden trajectories computed with PyTorch.
