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
    return {"shape": list(values.shape), "data": [float(str(v)) for v in values.ravel()]}  # the shortest digits


def note(name, **content):
    (OUT / f"{name}.json").write_text(json.dumps(content) + "\n")


def randomized(*layers, **options):
    model = keras.Sequential(list(layers), **options)
    model.set_weights([abs(draw(*w.shape)) if "variance" in w.name else draw(*w.shape) for w in model.weights])
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
    if isinstance(layer, L.TimeDistributed):
        return turned(layer.layer, arrays)
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
        L.Dense(12),
        L.Reshape((2, 6, 1)),
        L.TimeDistributed(L.Conv1D(2, 3)),
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


# ---- Whole models in the dialects of their times ------------------------------------------------------------------

# time: keras_version, text attributes as bytes, names in parts (layer_names0 …), the keys that were not there yet
FIRST = ["implementation", "groups", "keepdims", "output_padding", "interpolation", "negative_slope", "threshold", "noise_shape"]
TIMES = {
    "keras-2.0": ("2.0.8", True, False, [*FIRST, "seed", "data_format of Flatten", "data_format of MaxPooling1D"]),
    "keras-2.1": ("2.1.6", True, False, FIRST),
    "keras-2.2": ("2.2.4", True, True, ["implementation", "groups", "keepdims"]),
    "keras-2.3": ("2.3.1", False, False, ["implementation", "groups", "keepdims"]),
    "tf-1.13": ("2.2.4-tf", True, False, ["groups", "keepdims"]),
    "tf-2.0": ("2.2.4-tf", True, False, ["groups", "keepdims"]),
    "tf-2.2": ("2.3.0-tf", True, False, ["groups", "keepdims"]),
    "tf-2.4": ("2.4.0", False, True, ["keepdims"]),
    "tf-2.7": ("2.7.0", True, False, []),
    "tf-2.10": ("2.10.0", False, False, []),
    "tf-2.12": ("2.12.0", True, False, []),
    "tf-2.15": ("2.15.0", False, False, []),
}


def auto(class_name, /, **config):
    return {"class_name": class_name, "config": config}


def trainings(output):
    """What `compile` left in the file."""
    accuracy = {"name": "accuracy", "dtype": "float32", "fn": "categorical_accuracy"}
    crossentropy = {"reduction": "auto", "name": "categorical_crossentropy", "from_logits": False}
    auc = {"name": "auc", "dtype": "float32", "num_thresholds": 50, "curve": "ROC", "summation_method": "interpolation"}
    counts = {"dtype": "float32", "thresholds": None, "top_k": None, "class_id": None}
    new = {"weight_decay": None, "clipnorm": None, "global_clipnorm": None, "clipvalue": None, "use_ema": False,
           "ema_momentum": 0.99, "ema_overwrite_frequency": None, "jit_compile": False, "is_legacy_optimizer": False,
           "learning_rate": 0.01, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7, "amsgrad": False}
    old = {"sample_weight_mode": None, "loss_weights": None}
    named = "categorical_crossentropy"
    return {
        "keras-2.0": {**old, "optimizer_config": auto("SGD", lr=0.01, momentum=0.9, decay=1e-6, nesterov=True),
                      "loss": named, "metrics": ["accuracy"]},
        "keras-2.1": {**old, "optimizer_config": auto("Adam", lr=0.01, beta_1=0.9, beta_2=0.999, decay=0.0, epsilon=1e-8,
                                                      amsgrad=False),
                      "loss": {output: named}, "metrics": {output: "acc"}, "loss_weights": {output: 1.0}},
        "keras-2.2": {"optimizer_config": auto("RMSprop", lr=0.01, rho=0.9, decay=0.0, epsilon=1e-7), "loss": [named],
                      "metrics": ["acc", "mean_squared_error"], "sample_weight_mode": {output: None}, "loss_weights": [1.0]},
        "keras-2.3": {**old, "optimizer_config": auto("Adagrad", learning_rate=0.01, decay=0.0, epsilon=1e-7), "loss": named,
                      "metrics": ["accuracy"], "weighted_metrics": None},
        "tf-1.13": {**old, "optimizer_config": auto("Adadelta", lr=1.0, rho=0.95, decay=0.0, epsilon=1e-7), "loss": named,
                    "metrics": ["acc"], "weighted_metrics": None},
        "tf-2.0": {**old, "optimizer_config": auto("Adam", name="Adam", learning_rate=0.01, decay=0.0, beta_1=0.9, beta_2=0.999,
                                                   epsilon=1e-7, amsgrad=True),
                   "loss": auto("CategoricalCrossentropy", **crossentropy, label_smoothing=0.1),
                   "metrics": [auto("CategoricalAccuracy", name="acc", dtype="float32")], "weighted_metrics": None},
        "tf-2.2": {"optimizer_config": auto("RMSprop", name="RMSprop", learning_rate=0.01, decay=0.0, rho=0.9, momentum=0.5,
                                            epsilon=1e-7, centered=False),
                   "loss": {output: auto("CategoricalCrossentropy", **crossentropy, label_smoothing=0)}, "loss_weights": None,
                   "metrics": [[auto("MeanMetricWrapper", **accuracy)]], "sample_weight_mode": None, "weighted_metrics": None},
        "tf-2.4": {"optimizer_config": auto("Adamax", name="Adamax", learning_rate=0.01, decay=0.0, beta_1=0.9, beta_2=0.999,
                                            epsilon=1e-7),
                   "loss": named, "loss_weights": None, "weighted_metrics": None,
                   "metrics": [[auto("AUC", **auc, thresholds=None, multi_label=False, label_weights=None)]]},
        "tf-2.7": {"optimizer_config": auto("Nadam", name="Nadam", learning_rate=0.01, decay=0.004, beta_1=0.9, beta_2=0.999,
                                            epsilon=1e-7),
                   "loss": named, "loss_weights": None, "weighted_metrics": [[auto("MeanMetricWrapper", **accuracy)]],
                   "metrics": [[auto("Precision", name="precision", **counts), auto("Recall", name="recall", **counts)]]},
        "tf-2.10": {"optimizer_config": auto("SGD", name="SGD", learning_rate=auto(
                        "ExponentialDecay", initial_learning_rate=0.1, decay_steps=3, decay_rate=0.5, staircase=False, name=None),
                                             decay=0.0, momentum=0.5, nesterov=False),
                    "loss": named, "loss_weights": None, "metrics": None, "weighted_metrics": None},
        "tf-2.12": {"optimizer_config": {**auto("Custom>Adam", name="Adam", **new), "shared_object_id": 9},
                    "loss": auto("CategoricalCrossentropy", **crossentropy, label_smoothing=0.0, axis=-1, fn=named),
                    "loss_weights": None, "metrics": ["accuracy"], "weighted_metrics": None},
        "tf-2.15": {"optimizer_config": {"module": "keras.optimizers", "registered_name": None, **auto("Adam", name="Adam", **new)},
                    "loss": named, "loss_weights": None, "metrics": [[auto("MeanMetricWrapper", **accuracy)]],
                    "weighted_metrics": None},
    }


def initializer(time, found):
    if found["class_name"] == "GlorotUniform" and time.startswith("keras"):
        return auto("VarianceScaling", scale=1.0, mode="fan_avg", distribution="uniform", seed=None)
    config = dict(found["config"])
    if time in ("tf-1.13", "tf-2.0"):
        config["dtype"] = "float32"
    return auto(found["class_name"], **config)


def dialect(time, layers):
    """The configs of a model's layers, as they were written then."""
    version, _, _, missing = TIMES[time]
    is_keras, is_first = time.startswith("keras"), True
    result = []
    for layer in layers:
        name, config = layer["class_name"], dict(layer["config"])
        if name == "InputLayer":
            if is_keras or time == "tf-1.13":
                continue  # its shape stands in the first layer
            if time == "tf-2.0":
                del config["ragged"]
        for key in list(config):
            if key in missing or f"{key} of {name}" in missing:
                del config[key]
            elif key.endswith("_initializer"):
                config[key] = initializer(time, config[key])
            elif isinstance(config[key], dict) and "class_name" in config[key]:
                found = config[key]
                if found["class_name"] == "L2" and (is_keras or time in ("tf-1.13", "tf-2.0")):
                    found = auto("L1L2", l1=0.0, l2=found["config"]["l2"])
                config[key] = auto(found["class_name"], **found["config"])
        if is_keras and version < "2.3" and not is_first:
            config.pop("dtype", None)
        if time == "keras-2.0" and is_first:
            config["input_dtype"] = "float32"
        if is_keras and name in ("LeakyReLU", "ELU") and version < "2.3":
            config["alpha"] = {"type": "ndarray", "value": config["alpha"]}
        if name == "BatchNormalization":
            name = {"tf-1.13": "BatchNormalizationV1", "tf-2.0": "BatchNormalizationV2"}.get(time, name)
            if is_keras:
                config["axis"] = -1
        if time.startswith("tf-2.1") and time != "tf-2.10":
            result.append({"module": "keras.layers", **auto(name, **config), "registered_name": None,
                           "build_config": {"input_shape": [None, None]}})
        else:
            result.append(auto(name, **config))
        is_first = False
    return result


def pictures():
    return randomized(
        L.Conv2D(3, 3, padding="same", activation="relu", kernel_regularizer="l2", input_shape=(8, 7, 2)),
        L.BatchNormalization(), L.LeakyReLU(0.2), L.MaxPooling2D(2, padding="same"),
        L.LocallyConnected2D(2, (2, 2), activation="tanh"), L.ZeroPadding2D(((1, 0), (0, 2))), L.Conv2DTranspose(2, 2),
        L.Cropping2D(1), L.SeparableConv2D(3, 2), L.SpatialDropout2D(0.0), L.DepthwiseConv2D(2, padding="same"), L.UpSampling2D(2),
        L.AveragePooling2D(2), L.Permute((2, 1, 3)), L.Flatten(), L.Dense(6, kernel_constraint="max_norm"), L.PReLU(), L.ELU(0.7),
        L.RepeatVector(2), L.Reshape((2, 2, 3)), L.GlobalAveragePooling2D(), L.GaussianNoise(0.0), L.Dropout(0.0), L.ReLU(6.0),
        L.Dense(3), L.Activation("softmax", name="out"), name="pictures")


def sequences():
    return randomized(
        L.Embedding(7, 3, input_length=8), L.Conv1D(4, 3, padding="causal", activation="elu"), L.LocallyConnected1D(3, 2),
        L.MaxPooling1D(2), L.ZeroPadding1D(1), L.Cropping1D((0, 1)), L.UpSampling1D(2), L.SpatialDropout1D(0.0),
        L.AveragePooling1D(2, 1), L.GaussianDropout(0.0), L.AlphaDropout(0.0), L.GlobalMaxPooling1D(),
        L.Dense(3, activation="softmax", name="out"), name="sequences")


def readable(value):
    """Without what multi-backend Keras read of its older files, and tf-keras doesn't."""
    if isinstance(value, list):
        return [readable(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("type") == "ndarray":
        return value["value"]
    return {key: readable(item) for key, item in value.items() if key != "input_dtype"}


def of_their_times():
    for make in (pictures, sequences):
        model = make()
        for time, (version, as_bytes, in_parts, _) in TIMES.items():
            name = f"{time}-{model.name}"
            layers = dialect(time, model.get_config()["layers"])
            training = trainings("out")[time]
            config = auto("Sequential", name=model.name, layers=layers)
            if time.startswith("keras-2.0") or time == "keras-2.1":
                config["config"] = layers  # without a name
            elif time.startswith("tf-2"):
                config["config"]["build_input_shape"] = [None, *model.input_shape[1:]]
            if time == "tf-2.15":
                config = {"module": "keras", **config, "registered_name": None, "build_config": {"input_shape": model.input_shape}}
            path = OUT / f"{name}.h5"
            with h5py.File(path, "w") as file:
                text = (lambda s: s.encode("utf8")) if as_bytes else (lambda s: s)
                file.attrs["keras_version"] = text(version)
                file.attrs["backend"] = text("tensorflow")
                file.attrs["model_config"] = text(json.dumps(config))
                file.attrs["training_config"] = text(json.dumps(training))
                group = file.create_group("model_weights")
                write_weights(group, arrays_of(model), version, "tensorflow", as_bytes)
                if in_parts:
                    names = group.attrs["layer_names"]
                    del group.attrs["layer_names"]
                    group.attrs["layer_names0"], group.attrs["layer_names1"] = names[:9], names[9:]
            x = draw(6, *model.input_shape[1:]) if make is pictures else np.stack([random.permutation(8) % 7 for _ in range(6)])  # each has all
            y = np.eye(3)[[0, 1, 2, 1, 0, 0]]
            content = {"x": tensor(x), "y": tensor(model.predict(x, verbose=0)), "yTrue": tensor(y), "layers": len(model.layers)}
            with h5py.File(OUT / "readable.h5", "w") as file, h5py.File(path) as old:
                for key in old:
                    old.copy(key, file)
                for key, value in old.attrs.items():
                    file.attrs[key] = value
                file.attrs["model_config"] = json.dumps(readable(config))
            again = keras.models.load_model(OUT / "readable.h5")
            (OUT / "readable.h5").unlink()
            assert np.array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))
            history = again.fit(x, y, epochs=3, batch_size=2, shuffle=False, verbose=0).history
            note(name, **content, history=history, weights=[tensor(w) for w in again.get_weights()])


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
    of_their_times()
    of_legacy_optimizers()
    print("\n".join(f"{path.stat().st_size:7d}  {path.name}" for path in sorted(OUT.iterdir())))
