#!/usr/bin/env python3
"""Makes fixtures/old/: files as Keras 1 to 2.15 and tf.keras 1.13 to 2.15 wrote them, and what tf-keras reads from them.

Needs: tf-keras, tensorflow, h5py.   python tests/keras/make_old_files.py
"""

import json
import os
from pathlib import Path

for key, value in {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0", "CUDA_VISIBLE_DEVICES": "-1"}.items():
    os.environ[key] = value

import h5py
import numpy as np
import tf_keras as keras

OUT = Path(__file__).parent / "fixtures" / "old"
random = np.random.default_rng(18)
L = keras.layers


def draw(*shape):
    return random.uniform(-1, 1, shape).astype(np.float32)


def tensor(values):
    values = np.asarray(values, np.float32)
    return {"shape": list(values.shape), "data": [float(v) for v in values.ravel()]}


def note(name, **content):
    (OUT / f"{name}.json").write_text(json.dumps(content) + "\n")


def randomized(*layers, **options):
    model = keras.Sequential(list(layers), **options)
    model.set_weights([draw(*w.shape) for w in model.get_weights()])
    return model


def write_weights(group, layers, version, backend, encode=True):
    """The legacy layout. `layers`: name -> {weight name: array}."""
    text = (lambda s: s.encode("utf8")) if encode else (lambda s: s)
    if version is not None:
        group.attrs["keras_version"] = text(version)
    if backend is not None:
        group.attrs["backend"] = text(backend)
    group.attrs["layer_names"] = [text(name) for name in layers]
    for name, arrays in layers.items():
        inner = group.create_group(name)
        inner.attrs["weight_names"] = [text(key) for key in arrays]
        for key, array in arrays.items():
            inner.create_dataset(key, data=array)


def arrays_of(model, change=lambda layer, arrays: arrays):
    return {layer.name: dict(zip([w.name for w in layer.weights], change(layer, layer.get_weights())))
            for layer in model.layers}


def write_model(path, model, version, backend="tensorflow", config=None, training=None, change=lambda _, arrays: arrays):
    with h5py.File(OUT / path, "w") as file:
        file.attrs["keras_version"] = version.encode()
        file.attrs["backend"] = backend.encode()
        file.attrs["model_config"] = json.dumps(config or {"class_name": "Sequential", "config": model.get_config()}).encode()
        if training is not None:
            file.attrs["training_config"] = json.dumps(training).encode()
        write_weights(file.create_group("model_weights"), arrays_of(model, change), version, backend)


# ---- Theano: its convolutions turn the kernel, so Keras 2 turned those of other backends when it loaded a file ----

TURNED = ("Conv1D", "Conv2D", "Conv2DTranspose")


def turned(layer, arrays):
    if type(layer).__name__ in TURNED:
        spatial = arrays[0].ndim - 2
        arrays = [np.flip(arrays[0], tuple(range(spatial))), *arrays[1:]]
    return arrays


def of_theano():
    pictures = randomized(
        L.Conv2D(3, (2, 3), activation="tanh", input_shape=(8, 7, 2)),
        L.Conv2DTranspose(2, (3, 2), use_bias=False),
        L.SeparableConv2D(3, 2, depth_multiplier=2),
        L.DepthwiseConv2D((2, 3)),
        L.LocallyConnected2D(2, (2, 2)),
        L.BatchNormalization(),
        L.Flatten(),
        L.Dense(2))
    sequences = randomized(L.Conv1D(3, 4, input_shape=(9, 2)), L.LocallyConnected1D(2, 3), L.Flatten(), L.Dense(2))
    for name, model in (("theano-2d", pictures), ("theano-1d", sequences)):
        write_model(f"{name}.h5", model, "2.1.6", "theano", change=turned)
        x = draw(2, *model.input_shape[1:])
        note(name, x=tensor(x), y=tensor(model.predict(x, verbose=0)), weights=[tensor(w) for w in model.get_weights()])


# ---- Weights of Keras 1 -------------------------------------------------------------------------------------------


def of_keras_1():
    """Arrays in Keras 1's shapes; tf-keras' load_weights converts them."""
    new = {"conv1d": lambda: L.Conv1D(3, 4, input_shape=(9, 2)), "conv1d-1.1": lambda: L.Conv1D(3, 4, input_shape=(9, 2)),
           "conv1d-even": lambda: L.Conv1D(4, 4, input_shape=(9, 4))}
    for data_format in ("channels_first", "channels_last"):
        shape = (2, 6, 7) if data_format == "channels_first" else (6, 7, 2)
        end = data_format[9:]
        new[f"conv2d-{end}"] = lambda s=shape, f=data_format: L.Conv2D(3, (4, 5), data_format=f, input_shape=s)
        new[f"transpose-{end}"] = lambda s=shape, f=data_format: L.Conv2DTranspose(3, (4, 5), data_format=f, input_shape=s)
        new[f"local-{end}"] = lambda s=shape, f=data_format: L.LocallyConnected2D(
            3, (4, 5), data_format=f, input_shape=s)
        if end == "last":
            new[f"separable-{end}"] = lambda s=shape, f=data_format: L.SeparableConv2D(3, (4, 5), data_format=f, input_shape=s)
    new["normal"] = lambda: L.BatchNormalization(input_shape=(5,))
    new["dense"] = lambda: L.Dense(3, input_shape=(5,))
    stored_shapes = {"conv1d": (4, 1, 2, 3), "conv1d-1.1": (3, 2, 4, 1), "conv1d-even": (4, 1, 4, 4), "conv2d-first": (3, 2, 4, 5),
                     "transpose-last": (4, 5, 2, 3), "transpose-first": (3, 2, 4, 5)}
    for name, make in new.items():
        model = keras.Sequential([make()])
        (layer,) = model.layers
        shapes = [w.shape for w in layer.weights]
        if name in stored_shapes:
            shapes[0] = stored_shapes[name]
        file = OUT / f"keras-1-{name}.h5"
        with h5py.File(file, "w") as out:
            write_weights(out, {layer.name: {f"{layer.name}_{i}": draw(*s) for i, s in enumerate(shapes)}}, None, None)
        model.load_weights(file)
        note(f"keras-1-{name}", config=model.get_config(), weights=[tensor(w) for w in model.get_weights()])


# ---- Legacy optimizers --------------------------------------------------------------------------------------------

LEGACY = {
    "sgd": ("SGD", {}, (0.3, 1e-4)),
    "sgd-momentum": ("SGD", {"momentum": 0.9, "decay": 0.05}, (0.1, 1e-4)),
    "sgd-nesterov": ("SGD", {"momentum": 0.8, "nesterov": True, "clipvalue": 0.3, "clipnorm": 0.5}, (0.2, 1e-4)),
    "adam": ("Adam", {}, (0.3, 1e-4)),
    "adam-decay": ("Adam", {"beta_1": 0.8, "beta_2": 0.99, "decay": 0.1, "epsilon": 1e-3}, (0.3, 1e-4)),
    "adam-amsgrad": ("Adam", {"amsgrad": True}, (0.3, 1e-4)),
    "rmsprop": ("RMSprop", {}, (0.05, 1e-4)),
    "rmsprop-momentum": ("RMSprop", {"momentum": 0.7, "decay": 0.02}, (0.05, 1e-4)),
    "rmsprop-centered": ("RMSprop", {"centered": True, "epsilon": 1e-3}, (0.05, 1e-4)),
    "rmsprop-both": ("RMSprop", {"centered": True, "momentum": 0.5, "epsilon": 1e-2}, (0.05, 1e-4)),
    "adagrad": ("Adagrad", {"initial_accumulator_value": 0.0, "epsilon": 1e-2}, (0.5, 1e-4)),
    "adadelta": ("Adadelta", {"rho": 0.9}, (20.0, 1e-2)),
    "adamax": ("Adamax", {"global_clipnorm": 1.0}, (0.3, 1e-4)),
    "nadam": ("Nadam", {}, (0.2, 1e-4)),
    "nadam-schedule": ("Nadam", {"schedule_decay": 0.1}, (0.2, 1e-4)),
    "ftrl": ("Ftrl", {}, (0.3, 1e-3)),
    "ftrl-all": ("Ftrl", {"l1_regularization_strength": 0.01, "l2_regularization_strength": 0.02, "beta": 0.1,
                          "l2_shrinkage_regularization_strength": 0.03, "decay": 0.01}, (0.3, 1e-3)),
}


def of_legacy_optimizers():
    """A file after 9 steps, and what 48 more steps of tf-keras make of it."""
    for name, (class_name, options, rates) in LEGACY.items():
        for size, rate in zip(("large", "small"), rates):
            x, y = draw(6, 5), draw(6, 2)
            model = randomized(L.Dense(2, input_shape=(5,)))
            model.compile(getattr(keras.optimizers.legacy, class_name)(rate, **options), "mse")
            fit = {"batch_size": 2, "shuffle": False, "verbose": 0}
            model.fit(x, y, epochs=3, **fit)
            model.save(OUT / f"legacy-{name}-{size}.h5")
            if "schedule_decay" in options:  # Keras 2.3 wrote it under this name; tf-keras reads that only
                with h5py.File(OUT / f"legacy-{name}-{size}.h5", "a") as file:
                    training = json.loads(file.attrs["training_config"])
                    training["optimizer_config"]["config"] |= options
                    del training["optimizer_config"]["config"]["decay"]
                    file.attrs["training_config"] = json.dumps(training)
            model = keras.models.load_model(OUT / f"legacy-{name}-{size}.h5")
            loss = model.fit(x, y, epochs=16, **fit).history["loss"]
            note(f"legacy-{name}-{size}", x=tensor(x), y=tensor(y), loss=loss, weights=[tensor(w) for w in model.get_weights()],
                 state=[tensor(w) for w in model.optimizer.get_weights()])


if __name__ == "__main__":
    OUT.mkdir(exist_ok=True, parents=True)
    keras.utils.set_random_seed(18)
    of_theano()
    of_keras_1()
    of_legacy_optimizers()
    print("\n".join(f"{path.stat().st_size:7d}  {path.name}" for path in sorted(OUT.iterdir())))
