#!/usr/bin/env python3
"""Makes fixtures/: files of Keras 3, functional models and legacy optimizers of Keras 2, HDF5 files of h5py.

Needs: keras 3, tf-keras, tensorflow, h5py.   python tests/keras/make_fixtures.py
"""

import json
import os
from pathlib import Path

for key, value in {"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0",
                   "CUDA_VISIBLE_DEVICES": "-1", "TF_USE_LEGACY_KERAS": "0"}.items():
    os.environ[key] = value

import h5py
import keras
import numpy as np
import tf_keras
from keras import layers

OUT = Path(__file__).parent / "fixtures"
random = np.random.default_rng(3)


def draw(*shape):
    return random.uniform(-1, 1, shape).astype(np.float32)


def tensor(values):
    values = np.asarray(values, np.float32)
    return {"shape": list(values.shape), "data": [float(v) for v in values.ravel()]}


@keras.saving.register_keras_serializable(package="ported")
class LocallyConnected2D(layers.Layer):
    """What people write who take a model along to Keras 3: implementation 1, 'valid', channels_last."""

    def __init__(self, filters, kernel_size, activation=None, **kwargs):
        super().__init__(**kwargs)
        self.filters, self.kernel_size, self.activation = filters, tuple(kernel_size), keras.activations.get(activation)

    def build(self, shape):
        (_, h, w, c), (kh, kw) = shape, self.kernel_size
        self.rows, self.columns = h - kh + 1, w - kw + 1
        self.kernel = self.add_weight(name="kernel", shape=(self.rows * self.columns, kh * kw * c, self.filters))
        self.bias = self.add_weight(name="bias", shape=(self.rows, self.columns, self.filters))
        self.built = True

    def call(self, x):
        kh, kw = self.kernel_size
        patches = [x[:, i:i + self.rows, j:j + self.columns, :] for i in range(kh) for j in range(kw)]
        patches = keras.ops.reshape(keras.ops.concatenate(patches, -1), (-1, self.rows * self.columns, self.kernel.shape[1]))
        y = keras.ops.einsum("bpk,pkf->bpf", patches, self.kernel)
        return self.activation(keras.ops.reshape(y, (-1, self.rows, self.columns, self.filters)) + self.bias)

    def get_config(self):
        return {**super().get_config(), "filters": self.filters, "kernel_size": self.kernel_size,
                "activation": keras.activations.serialize(self.activation)}


def whole(name, model, x, y_true=None, endings=("keras", "h5")):
    """Writes a model, what it predicts, and how its training goes on."""
    fit = {"epochs": 2, "batch_size": 3, "shuffle": False, "verbose": 0}
    if y_true is not None:
        model.fit(x, y_true, **fit)
    for ending in endings:
        (model.save_weights if ending == "weights.h5" else model.save)(OUT / f"{name}.{ending}")
    expected = {"x": tensor(x), "y": tensor(model.predict(x, verbose=0))}
    if y_true is not None:
        expected |= {"yTrue": tensor(y_true), "loss": model.fit(x, y_true, **fit).history["loss"]}
    (OUT / f"{name}.json").write_text(json.dumps(expected) + "\n")


def of_keras_3():
    x, y_true = draw(6, 7, 6, 2), draw(6, 3)
    row = keras.Sequential([
        layers.Input((7, 6, 2)),
        LocallyConnected2D(2, (3, 2), activation="tanh", name="local"),
        layers.BatchNormalization(),
        layers.Conv2D(3, 2, kernel_regularizer="l2", use_bias=False),
        layers.LeakyReLU(negative_slope=0.1),
        layers.Flatten(),
        layers.Dense(4, activation="relu"),
        layers.Dense(3),
    ], name="row")
    row.compile(optimizer=keras.optimizers.Adam(0.01), loss="mse", metrics=["mae"])
    whole("row", row, x, y_true, endings=("keras", "h5", "weights.h5"))

    inputs = layers.Input((5,), name="measured")
    inner = layers.Dense(4, activation="tanh", name="inner")(inputs)
    whole("chain", keras.Model(inputs, layers.Dense(2, name="end")(inner), name="chain"), draw(3, 5),
          endings=("keras", "h5", "weights.h5"))
    both = layers.Add(name="sum")([inner, layers.Dense(4, name="beside")(inner)])
    whole("branch", keras.Model(inputs, layers.Dense(2, name="end")(both)), draw(3, 5))

    for policy, endings in (("mixed_float16", ("keras", "h5")), ("bfloat16", ("keras", "h5", "weights.h5"))):
        model = keras.Sequential([layers.Input((5,)), layers.Dense(3, dtype=keras.DTypePolicy(policy), name="dense")])
        whole(policy, model, draw(3, 5), endings=endings)


def of_keras_2():
    old = tf_keras.layers
    inputs = old.Input((7, 6, 2), name="measured")
    local = old.LocallyConnected2D(2, (3, 2), activation="tanh", implementation=2, name="local")(inputs)
    flat = old.Flatten()(local)
    whole("chain-2", tf_keras.Model(inputs, old.Dense(3, name="end")(flat)), draw(2, 7, 6, 2), endings=["h5"])
    both = old.Concatenate(name="both")([flat, old.Flatten(name="beside")(inputs)])
    whole("branch-2", tf_keras.Model(inputs, old.Dense(3, name="end")(both)), draw(2, 7, 6, 2), endings=["h5"])

    legacy = tf_keras.optimizers.legacy
    for optimizer in (legacy.Adam(0.01, decay=0.1), legacy.Adam(0.01, amsgrad=True), legacy.Adadelta(1.0),
                      legacy.Adamax(0.01), legacy.SGD(0.1, momentum=0.9, nesterov=True, decay=0.01), legacy.RMSprop(0.01)):
        model = tf_keras.Sequential([old.Dense(3, activation="tanh", input_shape=(5,)), old.Dense(2)])
        model.compile(optimizer=optimizer, loss="mse")
        name = type(optimizer).__name__.lower() + ("-amsgrad" if getattr(optimizer, "amsgrad", False) else "")
        whole(f"legacy-{name}", model, draw(6, 5), draw(6, 2), endings=["h5"])


def weights(path, arrays, name="dense", **options):
    """A file of weights in the legacy layout: a layer, and its arrays in the order that is given."""
    with h5py.File(OUT / path, "w") as file:
        file.attrs["layer_names"] = [name.encode()]
        file.attrs["keras_version"] = "2.2.4".encode()
        group = file.create_group(name)
        group.attrs["weight_names"] = [f"{name}/{key}:0".encode() for key in arrays]
        for key, array in arrays.items():
            group.create_dataset(f"{name}/{key}:0", data=array, **options)


def of_h5py():
    """The same 3 × 4 numbers, stored in many ways; `refused` are those that are no float32."""
    numbers = np.arange(12).reshape(3, 4) - 5
    arrays = {f"{order}{kind}": numbers.astype(f"{order}{kind}") for kind in ("f2", "f4", "f8", "i2", "i4", "i8")
              for order in "<>"}
    arrays |= {"i1": numbers.astype("i1"), "u1": (numbers + 5).astype("u1"), "u8": (numbers + 5).astype(">u8")}
    weights("types.h5", arrays)
    weights("chunked.h5", {"kernel": numbers.astype("f4")}, chunks=(2, 3))
    weights("packed.h5", {"kernel": numbers.astype("f4")}, chunks=(2, 3), compression="gzip", shuffle=True, fletcher32=True)
    weights("names.h5", {"größe": numbers.astype("f4")}, name="層")
    weights("refused-lzf.h5", {"kernel": numbers.astype("f4")}, compression="lzf")
    weights("refused-complex.h5", {"kernel": numbers.astype("c8")})
    weights("refused-bool.h5", {"kernel": numbers > 0})
    weights("refused-text.h5", {"kernel": np.full((3, 4), b"one")})
    weights("refused-opaque.h5", {"kernel": numbers.astype("f4").view("V4")})


if __name__ == "__main__":
    OUT.mkdir(exist_ok=True)
    keras.utils.set_random_seed(3)
    tf_keras.utils.set_random_seed(3)
    of_keras_3()
    of_keras_2()
    of_h5py()
    print("\n".join(f"{path.stat().st_size:7d}  {path.name}" for path in sorted(OUT.iterdir())))
