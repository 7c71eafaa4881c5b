"""Grey, sizes, CLAHE, frame sampling, Eulerian magnification."""
