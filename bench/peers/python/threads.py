"""Two threads for every library. To be imported before any of them: they read these variables when they load."""

import os

THREADS = 2

os.environ["OPENBLAS_NUM_THREADS"] = str(THREADS)  # NumPy, SciPy
os.environ["OMP_NUM_THREADS"] = str(THREADS)  # PyTorch
os.environ["NPROC"] = str(THREADS)  # XLA's thread pools
