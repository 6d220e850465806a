#!/usr/bin/env python3
"""The real Keras 2, for tests/keras/main.ts: reads a command a line, answers a line. Needs: tf-keras, tensorflow, h5py.

load     {"model", "weights"?, "x"}                -> {"y"}
train    {"model", "weights"?, "x", "yTrue", "epochs", "batchSize", "save", "saveWeights"?}
         -> {"history", "y", "iterations"}
"x", "yTrue" and "y" are lists of tensors, {"shape": [...], "data": [...]}. With "weights", the model is built from "model" and its weights are set to 0
and read from there. A problem is answered by {"error"}.
"""

import json
import os
import sys

for key, value in {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1",
                   "CUDA_VISIBLE_DEVICES": "-1", "TF_ENABLE_ONEDNN_OPTS": "0"}.items():
    os.environ.setdefault(key, value)

import numpy as np

os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
import tf_keras as keras


def arrays(tensors):
    found = [np.array(t["data"], np.float32).reshape(t["shape"]) for t in tensors]
    return found if len(found) > 1 else found[0]


def tensors(values):
    return [{"shape": list(v.shape), "data": [float(n) for n in v.ravel()]}
            for v in (values if isinstance(values, list) else [values])]


def load(command):
    model = keras.models.load_model(command["model"])
    if "weights" in command:
        model.set_weights([np.zeros_like(w) for w in model.get_weights()])
        model.load_weights(command["weights"])
    return model


def run(command):
    model = load(command)
    x = arrays(command["x"])
    if command["do"] == "load":
        return {"y": tensors(model.predict(x, verbose=0))}
    history = model.fit(x, arrays(command["yTrue"]), epochs=command["epochs"], batch_size=command["batchSize"],
                        shuffle=False, verbose=0).history
    model.save(command["save"])
    if "saveWeights" in command:
        model.save_weights(command["saveWeights"])
    return {"history": history, "y": tensors(model.predict(x, verbose=0)),
            "iterations": int(model.optimizer.iterations.numpy())}


def main():
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what Keras prints is no answer
    print(json.dumps({"ready": keras.__version__}), file=answers, flush=True)
    for line in sys.stdin:
        try:
            answer = run(json.loads(line))
        except Exception as e:
            answer = {"error": f"{type(e).__name__}: {e}"}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
