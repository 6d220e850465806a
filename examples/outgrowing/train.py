"""Step 2: the same model on several machines, with tf-keras and MultiWorkerMirroredStrategy.

Each machine runs `python train.py FOLDER` with TF_CONFIG in its environment, which names all of them and tells which
one it is: https://www.tensorflow.org/guide/distributed_training#TF_CONFIG. The first one writes the result.
"""

import json
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")

import numpy as np
import tensorflow as tf
import tf_keras as keras

folder = sys.argv[1]
task = json.loads(os.environ["TF_CONFIG"])["task"]["index"]
strategy = tf.distribute.MultiWorkerMirroredStrategy()

x = np.fromfile(f"{folder}/x.f32", np.float32).reshape(-1, 8, 8, 1)
y = np.fromfile(f"{folder}/y.f32", np.float32).reshape(-1, 1)
data = tf.data.Dataset.from_tensor_slices((x, y)).batch(64)

with strategy.scope():
    model = keras.models.load_model(f"{folder}/here.keras")
history = model.fit(data, epochs=20, verbose=0)
print(f"worker {task} of {strategy.num_replicas_in_sync}: loss {history.history['loss'][-1]:.4f}", flush=True)

# Every worker has to save, each to a place of its own; the first one's is the result.
model.save(f"{folder}/{'there' if task == 0 else f'worker-{task}'}.keras")
