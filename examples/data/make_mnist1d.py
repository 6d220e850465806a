"""Makes mnist1d.bin.gz: pip install mnist1d==0.0.2.post1, then python make_mnist1d.py. Made with numpy 2.4.6, scipy 1.17.1."""

import gzip
from pathlib import Path

import numpy as np
from mnist1d.data import get_dataset_args, make_dataset

STEPS = 23  # in a unit: a number is stored as the nearest 1/23, in one byte

data = make_dataset(get_dataset_args())  # seed 42; 4,000 signals to train with, then 1,000 to test with
x = np.concatenate([data["x"], data["x_test"]])
y = np.concatenate([data["y"], data["y_test"]])
stored = np.rint(x * STEPS)
assert x.shape == (5000, 40) and abs(stored).max() <= 127
records = np.concatenate([stored.astype(np.int8), y[:, None].astype(np.int8)], axis=1)
Path(__file__).with_name("mnist1d.bin.gz").write_bytes(gzip.compress(records.tobytes(), 9, mtime=0))
