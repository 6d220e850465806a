"""Writes signatures.json: the arguments of Keras' classes, and of a model's methods, as tf-keras 2.21 has them.

Usage: python tests/golden/make_signatures.py
"""
import inspect
import json
import pathlib

import tf_keras as keras


def arguments(function):
    """Names of all arguments but self; ** and * are left out."""
    plain = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    parameters = inspect.signature(function).parameters.values()
    return [p.name for p in parameters if p.kind in plain and p.name != "self"]


def classes(module, base):
    """The classes of a module, under the name they were made with."""
    found = {}
    for value in vars(module).values():
        if inspect.isclass(value) and issubclass(value, base) and value is not base:
            found[value.__name__] = arguments(value.__init__)
    return dict(sorted(found.items()))


def lower_case_layers():
    layers = classes(keras.layers, keras.layers.Layer)
    return {name: args for name, args in layers.items() if name[0].isupper()}


methods = ["add", "build", "compile", "count_params", "evaluate", "fit", "get_config", "get_layer", "get_weights",
           "load_weights", "pop", "predict", "predict_on_batch", "save", "save_weights", "set_weights", "summary",
           "test_on_batch", "to_json", "train_on_batch"]
schedules = keras.optimizers.schedules
signatures = {
    "keras": keras.__version__,
    "layers": lower_case_layers(),
    "initializers": classes(keras.initializers, keras.initializers.Initializer),
    "regularizers": classes(keras.regularizers, keras.regularizers.Regularizer),
    "constraints": classes(keras.constraints, keras.constraints.Constraint),
    "losses": classes(keras.losses, keras.losses.Loss),
    "metrics": classes(keras.metrics, keras.metrics.Metric),
    "optimizers": classes(keras.optimizers, keras.optimizers.Optimizer),
    "schedules": classes(schedules, schedules.LearningRateSchedule),
    "Sequential": {"__init__": arguments(keras.Sequential.__init__),
                   **{name: arguments(getattr(keras.Sequential, name)) for name in methods}},
}
path = pathlib.Path(__file__).with_name("signatures.json")
lines = [f" {json.dumps(kind)}: " + (json.dumps(found) if isinstance(found, str) else
         "{\n" + ",\n".join(f"  {json.dumps(name)}: {json.dumps(args)}" for name, args in found.items()) + "\n }")
         for kind, found in signatures.items()]
path.write_text("{\n" + ",\n".join(lines) + "\n}\n")
