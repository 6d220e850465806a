#!/usr/bin/env python3
"""Fixtures of what training does: `fit` and its relatives, callbacks, weights of samples and classes, freezing.

    python make_behaviour.py --out goldens                   # the default fixtures
    python make_behaviour.py --out other --heldout --seed 7  # other numbers and combinations, drawn from the seed

Needs what make_goldens.py needs. A case is data: models, callbacks and calls, as JSON. This program carries it out with
the real Keras and adds what happened: results, events with their logs, files, weights. `behaviour.ts` carries the
same case out with the library. README.md has the schema.
"""
import argparse
import contextlib
import copy
import inspect
import io
import itertools
import os
import re
import shutil
import tempfile

from make_goldens import Ctx, F32, J, S, T, keras, np, tf, write_json

L = keras.layers
C = keras.callbacks


# ---------------------------------------------------------------------------
# Carrying out a case
# ---------------------------------------------------------------------------

EVENTS = ["train_begin", "train_end", "epoch_begin", "epoch_end", "train_batch_begin", "train_batch_end", "test_begin", "test_end",
          "test_batch_begin", "test_batch_end", "predict_begin", "predict_end", "predict_batch_begin", "predict_batch_end"]


def plain(logs):
    return {k: T(v) if getattr(v, "ndim", 0) else S(v) for k, v in (logs or {}).items()}


class Recorder(C.Callback):
    """Writes down the events that it is told of. `only`: which."""

    def __init__(self, run, only=None):
        super().__init__()
        for event in only or EVENTS:
            setattr(self, f"on_{event}", lambda *args, event=event: self.record(run, event, *args))

    def record(self, run, event, *args):
        index = [args[0]] if args and isinstance(args[0], (int, np.integer)) else []
        logs = args[len(index)] if len(args) > len(index) else None
        run.events.append([event, *map(int, index), plain(logs)])


class Adder(C.Callback):
    """Adds values to the logs of an epoch: values[name][epoch]; null: none."""

    def __init__(self, run, values, event="epoch_end"):
        super().__init__()
        setattr(self, f"on_{event}", self.add)
        self.values = values

    def add(self, *args, logs=None):
        index, logs = args[0] if isinstance(args[0], int) else 0, logs or args[-1]
        for name, values in self.values.items():
            if values[index % len(values)] is not None:
                logs[name] = float(values[index % len(values)])


class Actor(C.Callback):
    """Carries out calls at an event: every time, or where its number is `at`."""

    def __init__(self, run, on, calls, at=None):
        super().__init__()

        def act(*args):
            if at is None or args[0] == at:
                for call in calls:
                    run.nested(call, self)

        setattr(self, f"on_{on}", act)


class Failure(Exception):
    pass


class Run:
    """One case in progress."""

    def __init__(self, file, case):
        self.file, self.case = file, case
        self.events, self.models, self.made = [], {}, {}
        self.folder = tempfile.mkdtemp()
        # Without tracing it is ten times as fast. But a traced step trains what was trainable when it was traced.
        self.eager = not any("trainable" in str(call) for call in case["calls"])

    # -- building ------------------------------------------------------------
    def build_models(self):
        for name, given in self.case["models"].items():
            spec = self.file["models"][given] if isinstance(given, str) else given
            layers = []
            for entry in spec["layers"]:
                if isinstance(entry, str):
                    model, index = entry.split(".")
                    layers.append(self.models[model].layers[int(index)])
                else:
                    layers.append(L.deserialize(copy.deepcopy(entry)))
            model = keras.Sequential(layers, name=name)
            if spec.get("weights"):
                model.set_weights([array(w) for w in spec["weights"]])
            self.models[name] = model

    def resolve(self, value):
        if isinstance(value, str) and value.startswith("$"):
            return array(self.file["data"][value[1:]])
        if isinstance(value, list):
            return [self.resolve(v) for v in value]
        if isinstance(value, dict) and "shape" in value:
            return array(value)
        if isinstance(value, dict) and "batches" in value:  # a generator of batches of two samples, `times` through the data
            columns = [array(self.file["data"][name[1:]]) for name in value["batches"]]
            return (tuple(c[i:i + 2] for c in columns) for _ in range(value.get("times", 1)) for i in range(0, len(columns[0]), 2))
        return value

    def callback(self, spec):
        if isinstance(spec, str):  # one that an earlier call made
            return self.made[spec]
        kind, config = spec["class"], dict(spec.get("config", {}))
        own = {"Recorder": Recorder, "Adder": Adder, "Actor": Actor}
        if kind in own:
            made = own[kind](self, **config)
        elif kind == "LambdaCallback":
            made = C.LambdaCallback(**{name: lambda *args, name=name, **_: self.events.append([f"lambda {name}", *(a for a in args if isinstance(a, int))])
                                       for name in config["names"]})
        elif kind == "LearningRateScheduler":
            rates, factor = config.pop("rates", None), config.pop("factor", None)
            schedule = (lambda epoch, lr: float(lr * factor)) if factor is not None else (lambda epoch, lr: rates[epoch % len(rates)])
            made = C.LearningRateScheduler(schedule, **config)
        else:
            for name in ("filepath", "filename", "backup_dir"):
                if name in config:
                    config[name] = os.path.join(self.folder, config[name])
            made = getattr(C, kind)(**config)
        if "as" in spec:
            self.made[spec["as"]] = made
        return made

    def arguments(self, args):
        args = {k: self.resolve(v) for k, v in args.items()}
        if args.get("callbacks"):
            args["callbacks"] = [self.callback(spec) for spec in args["callbacks"]]
        if isinstance(args.get("validation_data"), list):
            args["validation_data"] = tuple(args["validation_data"])
        if args.get("class_weight"):
            args["class_weight"] = {int(k): v for k, v in args["class_weight"].items()}
        return args

    # -- calls ---------------------------------------------------------------
    def target(self, model, path):
        *way, last = path.split(".")
        at = model
        for step in way:
            at = at[int(step)] if step.isdigit() else getattr(at, step)
        return at, last

    def perform(self, call):
        do, model = call["do"], self.models[call.get("on", next(iter(self.models)))]
        if do == "raise":
            raise Failure("as the case says")
        if do == "set":
            at, last = self.target(model, call["path"])
            setattr(at, last, self.resolve(call["value"]))
            return None
        if do == "read":
            at, last = self.target(model, call["path"])
            value = getattr(at, last)
            return value.numpy() if hasattr(value, "numpy") else value
        if do == "write_file":
            with open(os.path.join(self.folder, call["name"]), "w", newline="") as f:
                f.write(call["text"])
            return None
        if do == "drive":  # a callback, called by hand
            callback = self.callback(call["callback"])
            callback.set_model(model)
            for event, *args in call["tell"]:
                getattr(callback, f"on_{event}")(*[{k: float(v) for k, v in a.items()} if isinstance(a, dict) else a for a in args])
            return None
        if do == "add":
            return model.add(L.deserialize(copy.deepcopy(call["layer"])))
        if do == "construct":  # Sequential of what is not a list
            layer = L.deserialize(copy.deepcopy(call["layer"]))
            self.models[call["name"]] = keras.Sequential(layer, name=call["name"])
            return len(self.models[call["name"]].layers)
        args = self.arguments(call.get("args", {}))
        if do == "compile":
            optimizer = args.pop("optimizer")
            if isinstance(optimizer, dict):
                excluded = optimizer.get("exclude_from_weight_decay")
                optimizer = getattr(keras.optimizers, optimizer["class_name"])(**optimizer["config"])
                if excluded:
                    optimizer.exclude_from_weight_decay(var_names=excluded)
            if isinstance(args.get("loss"), dict):
                args["loss"] = keras.losses.deserialize(copy.deepcopy(args["loss"]))
            model.compile(optimizer=optimizer, run_eagerly=self.eager, **args)
            return None
        if do in ("fit", "evaluate", "predict"):
            args.setdefault("verbose", 0)
        if do == "get_layer":
            return model.get_layer(**args).name
        result = getattr(model, do)(**args)
        if do == "fit":
            return {"history": result.history, "epoch": result.epoch, "params": result.params}
        if do in ("get_weights", "set_weights", "build", "pop"):
            return None
        return result

    def nested(self, call, callback):
        """A call within a callback: what it gives is an event."""
        result = self.perform(call)
        if result is not None:
            self.events.append([f"result of {call['do']}", value(result)])

    def weights(self):
        return {name: [T(w) for w in model.get_weights()] for name, model in self.models.items() if all(layer.built for layer in model.layers) and model.layers}

    def files(self):
        found = {}
        for folder, _, names in os.walk(self.folder):
            for name in sorted(names):
                path = os.path.join(folder, name)
                key = os.path.relpath(path, self.folder)
                if name.endswith((".h5", ".keras")):
                    found[key] = self.weights_in(path)
                elif folder == self.folder:
                    with open(path, newline="") as f:
                        found[key] = f.read()
        return dict(sorted(found.items()))

    def weights_in(self, path):
        first = next(iter(self.models.values()))
        if path.endswith(".weights.h5"):
            twin = keras.Sequential([type(layer).from_config(layer.get_config()) for layer in first.layers], name=first.name)
            twin.build(first.input_shape)
            twin.load_weights(path)
        else:
            twin = keras.models.load_model(path, compile=False)
        return [T(w) for w in twin.get_weights()]

    def go(self):
        self.build_models()
        known, files = self.weights(), {}
        for call in self.case["calls"]:
            self.events = []
            out, warned = io.StringIO(), []
            C.EarlyStopping.__init__.__globals__["logging"].warning = lambda text, *args: warned.extend(args[:1] if "available" in text else ["data"] if "ran out of data" in text else [])
            try:
                with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
                    result = self.perform(call)
                if result is not None:
                    call["gives"] = value(result)
            except Exception as e:
                call["raises"] = {"type": type(e).__name__, "message": re.sub(r":\d{3,}", "", (str(e).strip().splitlines() or [""])[0].replace(self.folder, ""))[:200]}
            if self.events:
                call["events"] = self.events
            printed = lines(out.getvalue().replace(self.folder + os.sep, ""))
            if printed:
                call["printed"] = printed
            if warned:
                call["warned"] = warned
            now = self.weights()
            if now != known:
                call["weights"] = {k: v for k, v in now.items() if v != known.get(k)}
                known = now
            written = self.files()
            if written != files:
                call["files"] = files = written
            seen = {name: state(made) for name, made in self.made.items() if state(made)}
            if seen:
                call["callbacks"] = seen
        shutil.rmtree(self.folder)
        return self.case


def state(callback):
    """What a callback shows of itself."""
    return {k: S(getattr(callback, k)) for k in ("best", "stopped_epoch", "best_epoch") if isinstance(getattr(callback, k, None), (int, float, np.floating))}


def value(v):
    if isinstance(v, dict):
        return {k: value(x) for k, x in v.items()}
    if isinstance(v, (list, tuple)):
        return [value(x) for x in v]
    if isinstance(v, (float, np.floating)):
        return S(v)
    if isinstance(v, np.ndarray) and v.ndim > 0:
        return T(v)
    if isinstance(v, tf.TensorShape):
        return v.as_list()
    return J(v)


def lines(text):
    """What stays on the screen, without times: without what a line had before it was drawn again."""
    kept = [line.split("\r")[-1].replace("\b", "") for line in text.split("\n")]
    return [re.sub(r"\b\d+(us|ms|s)\b", "0s", line) for line in kept if line.strip()]


def array(tensor):
    return np.array([float(v) for v in tensor["data"]], dtype=F32).reshape(tensor["shape"])


# ---------------------------------------------------------------------------
# What the cases use: models, data
# ---------------------------------------------------------------------------

def layer(cls, **config):
    return {"class_name": cls, "config": config}


def the_models(ctx):
    """Small models with given weights."""
    specs = {
        "line": [layer("Dense", units=1, batch_input_shape=[None, 2])],
        "deep": [layer("Dense", units=2, activation="tanh", batch_input_shape=[None, 2]), layer("Dense", units=1)],
        "local": [layer("LocallyConnected1D", filters=1, kernel_size=[2], batch_input_shape=[None, 3, 2], activation="tanh"), layer("Flatten"), layer("Dense", units=1)],
        "binary": [layer("Dense", units=1, activation="sigmoid", batch_input_shape=[None, 2])],
        "classes": [layer("Dense", units=3, activation="softmax", batch_input_shape=[None, 2])],
        "steps": [layer("Dense", units=1, batch_input_shape=[None, 4, 2])],
        "step_classes": [layer("Dense", units=3, activation="softmax", batch_input_shape=[None, 4, 2])],
        "pixels": [layer("Dense", units=3, activation="softmax", batch_input_shape=[None, 2, 3, 2])],
        "pixel_values": [layer("Dense", units=1, batch_input_shape=[None, 2, 3, 2])],
        "penalized": [layer("Dense", units=1, batch_input_shape=[None, 2], kernel_regularizer={"class_name": "L2", "config": {"l2": 0.1}})],
        "normalized": [layer("Dense", units=2, batch_input_shape=[None, 2]), layer("BatchNormalization"), layer("Dense", units=1)],
    }
    found = {}
    for name, layers in specs.items():
        model = keras.Sequential([L.deserialize(copy.deepcopy(each)) for each in layers])
        weights = [ctx.rng.uniform(-0.8, 0.8, w.shape).astype(F32).round(3) for w in model.get_weights()]
        if name == "normalized":
            weights[5] = abs(weights[5]) + 0.5  # the moving variance
        found[name] = {"layers": layers, "weights": [T(w) for w in weights]}
    return found


def the_data(ctx):
    r = lambda *shape: ctx.rng.uniform(-1, 1, shape).astype(F32).round(3)
    labels = lambda n, *shape: ctx.rng.integers(0, n, shape).astype(F32)
    hot = lambda t: np.eye(3, dtype=F32)[t.astype(int)]
    w = lambda *shape: ctx.rng.uniform(0.1, 3, shape).astype(F32).round(2)
    y3, yt, yp = labels(3, 6), labels(3, 6, 4), labels(3, 6, 2, 3)
    y3[:3], yt[0, :3], yp[0, 0] = [0, 1, 2], [0, 1, 2], [0, 1, 2]
    data = {
        "x": r(6, 2), "y": r(6, 1), "yflat": r(6), "xv": r(4, 2), "yv": r(4, 1), "w": w(6), "w1": w(6, 1), "wv": w(4),
        "xl": r(6, 3, 2), "xs": r(6, 4, 2), "ys": r(6, 4, 1), "ysflat": r(6, 4), "xp": r(6, 2, 3, 2), "yp": r(6, 2, 3, 1),
        "b": labels(2, 6, 1), "bflat": labels(2, 6), "c": y3, "c1": y3[:, None], "chot": hot(y3), "ct": yt, "ct1": yt[..., None], "cthot": hot(yt),
        "cp": yp, "cp1": yp[..., None], "cphot": hot(yp), "bs": labels(2, 6, 4, 1), "ws": w(6, 4), "ws1": w(6, 4, 1), "wp": w(6, 2, 3), "cv": labels(3, 4), "wzero": np.zeros(6, F32),
        "xnan": np.where(np.arange(12).reshape(6, 2) == 7, np.nan, r(6, 2)).astype(F32), "xhuge": (r(6, 2) * 1e30).astype(F32),
    }
    return {name: T(v) for name, v in data.items()}


SGD = {"class_name": "SGD", "config": {"learning_rate": 0.1}}
MSE = {"do": "compile", "args": {"optimizer": SGD, "loss": "mse"}}
RECORDER = {"class": "Recorder"}


def compiled(**args):
    return {"do": "compile", "args": {"optimizer": SGD, **args}}


def fit(**args):
    return {"do": "fit", "args": {"x": "$x", "y": "$y", "batch_size": 2, "shuffle": False, **args}}


def case(name, *calls, models="line"):
    models = {"model": models} if isinstance(models, str) else models
    return {"name": name, "models": models, "calls": [copy.deepcopy(call) for call in calls]}


def cb(kind, **config):
    name = config.pop("made_as", None)
    return {"class": kind, "config": config, **({"as": name} if name else {})}


# ---------------------------------------------------------------------------
# The cases
# ---------------------------------------------------------------------------

# What a value does over ten epochs. null: it isn't in the logs.
SEQUENCES = {
    "falls": [9, 8, 7, 6, 5, 4, 3, 2, 1, 0], "rises": [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], "stays": [1] * 10,
    "wavers": [5, 3, 4, 2.5, 2.6, 2.7, 2.4, 2.8, 2.9, 3], "creeps": [3, 2.9, 2.8, 2.7, 2.6, 2.5, 2.4, 2.3, 2.2, 2.1],
    "is_nan": ["NaN"] * 10, "becomes_nan": [3, 2, "NaN", "NaN", 1, "NaN", 1.5, 2, 2, 2], "is_infinite": ["Infinity"] * 10,
    "starts_at_minus_infinity": ["-Infinity", 3, 2, 1, 0, -1, -2, -3, -4, -5], "at_times": [5, None, 4, None, 6, None, 7, None, 8, None], "late": [None, None, None, 3, 2, 4, 5, 6, 7, 8],
}
# Names that the modes 'auto' tell apart by.
NAMES = ["score", "val_loss", "acc", "my_acc", "acc_loss", "accel", "val_accuracy", "accuracy_x", "fmeasure_x", "x_fmeasure"]


def combinations(ctx, count, axes):
    """First every value of every axis alone, the others at their first; then `count` draws of all."""
    first = {k: v[0] for k, v in axes.items()}
    alone = [first] + [{**first, k: v} for k, values in axes.items() for v in values[1:]]
    drawn = [{k: v[int(ctx.rng.integers(len(v)))] for k, v in axes.items()} for _ in range(count)]
    return alone + drawn


def given(options):
    """Without those that stay at their default."""
    return {k: v for k, v in options.items() if v is not DEFAULT}


DEFAULT = "default"


def sequence_of(ctx, name):
    """One of SEQUENCES; in held-out fixtures with other numbers."""
    values = SEQUENCES[name]
    return [v if not isinstance(v, (int, float)) else round(float(ctx.rng.uniform(-5, 5)), 1) for v in values] if ctx.heldout else values


def watched(ctx, kind, axes, count, fit_with=None, **extra):
    """fit with a value that is added to the logs, and a callback that watches it."""
    cases = []
    for n, options in enumerate(combinations(ctx, count, {"sequence": list(SEQUENCES), "monitor": NAMES, **axes})):
        options = given(options)
        sequence = sequence_of(ctx, options.pop("sequence"))
        adder = cb("Adder", values={options["monitor"]: sequence})
        calls = [MSE, fit(epochs=8, callbacks=[adder, cb(kind, made_as="watching", **options, **extra), RECORDER] if n % 5 == 0 else [adder, cb(kind, made_as="watching", **options, **extra)], **(fit_with or {}))]
        cases.append(case(f"{kind} {n}", *calls))
    return cases


def early_stopping(ctx):
    return watched(ctx, "EarlyStopping", {
        "patience": [DEFAULT, 0, 1, 2, 10], "min_delta": [DEFAULT, 0, 0.5, -0.5], "mode": [DEFAULT, "auto", "min", "max"], "baseline": [DEFAULT, 2.2, -100, 4],
        "restore_best_weights": [DEFAULT, True, False], "start_from_epoch": [DEFAULT, 0, 2, 100], "verbose": [DEFAULT, 0, 1]}, 36)


def reduce_lr(ctx):
    return watched(ctx, "ReduceLROnPlateau", {
        "patience": [1, 0, 2, 10, DEFAULT], "factor": [DEFAULT, 0.5, 0.0, 0.1], "min_delta": [DEFAULT, 0, 0.5, 1e-4, -0.5], "cooldown": [DEFAULT, 0, 1, 3],
        "min_lr": [DEFAULT, 0, 0.05, 1], "mode": [DEFAULT, "auto", "min", "max"], "verbose": [DEFAULT, 0]}, 30)


def schedulers(ctx):
    rates = [0.1, 0.05, 0.0, 0.2, 0.01]
    plateau = cb("ReduceLROnPlateau", monitor="score", patience=1, factor=0.5)
    adder = cb("Adder", values={"score": SEQUENCES["stays"]})
    three = [[cb("LearningRateScheduler", rates=rates), RECORDER], [cb("LearningRateScheduler", factor=0.5, verbose=0), RECORDER], [RECORDER, cb("LearningRateScheduler", factor=0.5)],
             [adder, plateau, cb("LearningRateScheduler", factor=1.0), RECORDER], [cb("LearningRateScheduler", rates=rates), adder, plateau, RECORDER],
             [cb("LearningRateScheduler", rates=rates), cb("EarlyStopping", monitor="lr", patience=1), RECORDER], [cb("ReduceLROnPlateau", monitor="lr", patience=1, factor=0.5), RECORDER]]
    return [case(f"schedulers {n}", MSE, fit(epochs=5, callbacks=callbacks)) for n, callbacks in enumerate(three)] + [
        case("a scheduler with initial_epoch", MSE, fit(epochs=5, initial_epoch=2, callbacks=[cb("LearningRateScheduler", rates=rates), RECORDER])),
        case("a scheduler in two fits", MSE, fit(epochs=2, callbacks=[cb("LearningRateScheduler", factor=0.5, made_as="scheduler")]), fit(epochs=2, callbacks=["scheduler"])),
    ]


def checkpoints(ctx):
    names = ["w.weights.h5", "{epoch}.weights.h5", "{epoch:02d}-{loss:.3f}.weights.h5", "sub/{epoch:03d}/{loss:.2e}.weights.h5", "{epoch:4d}x{loss:8.2f}.weights.h5", "{{{epoch}}}.weights.h5",
             "{epoch:d}-{loss:g}.weights.h5", "{epoch:.2f}-{loss:.1E}.weights.h5", "{loss:010.4f}.weights.h5", "{score:.1f}.weights.h5", "{val_loss:.2f}.weights.h5", "{mistyped}.weights.h5", "{batch}.weights.h5"]
    adder = cb("Adder", values={"score": SEQUENCES["wavers"]})
    cases = [case(f"checkpoint named {name}", MSE, fit(epochs=3, callbacks=[adder, cb("ModelCheckpoint", filepath=name, save_weights_only=True)])) for name in names]
    batches = ["{epoch}-{batch}.weights.h5", "{batch:02d}-{loss:.2f}.weights.h5", "w.weights.h5"]
    cases += [case(f"checkpoint {name} each {freq} batches", MSE, fit(epochs=3, callbacks=[cb("ModelCheckpoint", filepath=name, save_freq=freq, save_weights_only=True, verbose=verbose)]))
              for (name, freq), verbose in zip(itertools.product(batches, [1, 2, 4, 7, 100]), itertools.cycle([0, 1]))]
    for n, options in enumerate(combinations(ctx, 24, {
            "sequence": ["wavers", *SEQUENCES], "monitor": NAMES, "mode": [DEFAULT, "auto", "min", "max"], "initial_value_threshold": [DEFAULT, 2.6, 100, -100],
            "save_best_only": [True, False, DEFAULT], "verbose": [DEFAULT, 0, 1], "filepath": ["best.weights.h5", "{epoch}.weights.h5"]})):
        options = given(options)
        adder = cb("Adder", values={options["monitor"]: sequence_of(ctx, options.pop("sequence"))})
        cases.append(case(f"ModelCheckpoint {n}", MSE, fit(epochs=6, callbacks=[adder, cb("ModelCheckpoint", made_as="checkpoint", save_weights_only=True, **options)])))
    best = cb("ModelCheckpoint", filepath="{epoch}-{batch}.weights.h5", save_weights_only=True, save_best_only=True, monitor="loss", save_freq=2)
    cases += [
        case("checkpoints of whole models", MSE, fit(epochs=2, callbacks=[cb("ModelCheckpoint", filepath="{epoch}.keras"), cb("ModelCheckpoint", filepath="{epoch}.h5", save_weights_only=False)])),
        case("checkpoints with initial_epoch", MSE, fit(epochs=4, initial_epoch=2, callbacks=[cb("ModelCheckpoint", filepath="{epoch}.weights.h5", save_weights_only=True)])),
        case("the best of batches", MSE, fit(epochs=3, callbacks=[best])),
        case("a checkpoint in two fits", MSE, fit(epochs=2, callbacks=[cb("ModelCheckpoint", filepath="{epoch}-{batch}.weights.h5", save_weights_only=True, save_freq=2, made_as="one")]), fit(epochs=2, callbacks=["one"])),
        case("a best checkpoint in two fits", MSE, fit(epochs=2, callbacks=[cb("ModelCheckpoint", filepath="{epoch}.weights.h5", save_weights_only=True, save_best_only=True, monitor="loss", made_as="one")]), fit(epochs=3, callbacks=["one"])),
        case("validation named in a file, at times", MSE, fit(epochs=2, validation_data=["$xv", "$yv"], validation_freq=2, callbacks=[cb("ModelCheckpoint", filepath="{epoch}-{val_loss:.2f}.weights.h5", save_weights_only=True)])),
        case("the best validation, at times", MSE, fit(epochs=5, validation_data=["$xv", "$yv"], validation_freq=2, callbacks=[cb("ModelCheckpoint", filepath="{epoch}.weights.h5", save_weights_only=True, save_best_only=True)])),
    ]
    return cases


def csv_files(ctx):
    log = lambda **config: cb("CSVLogger", filename="log.csv", **config)
    validated = {"validation_data": ["$xv", "$yv"]}
    text = {"do": "write_file", "name": "log.csv", "text": "epoch,loss\n7,0.5\n"}
    empty = {"do": "write_file", "name": "log.csv", "text": ""}
    cases = [case(f"CSVLogger {options}", MSE, fit(epochs=3, callbacks=[log(**options)], **validated)) for options in ({}, {"separator": ";"}, {"separator": "\t"}, {"append": True}, {"append": False})]
    cases += [case(f"CSVLogger with validation_freq {freq}", MSE, fit(epochs=4, validation_freq=freq, callbacks=[log()], **validated)) for freq in (1, 2, 3, 9, [1, 4], [2], [])]
    for start, name in ((text, "a file"), (empty, "an empty file")):
        cases += [case(f"CSVLogger on {name}, append {append}", start, MSE, fit(epochs=2, callbacks=[log(append=append)])) for append in (True, False)]
    adder = cb("Adder", values={"score": SEQUENCES["becomes_nan"], "late": SEQUENCES["late"], "big": SEQUENCES["is_infinite"], "a;b": [1.5], 'q"q': [2.5]})
    cases += [
        case("CSVLogger without validation", MSE, fit(epochs=2, callbacks=[log()])),
        case("CSVLogger with added values", MSE, fit(epochs=5, callbacks=[adder, log(separator=";")])),
        case("CSVLogger before the values are added", MSE, fit(epochs=3, callbacks=[log(), adder])),
        case("CSVLogger with a rate", MSE, fit(epochs=4, validation_freq=2, callbacks=[cb("LearningRateScheduler", factor=0.5), log()], **validated)),
        case("CSVLogger twice", MSE, fit(epochs=2, callbacks=[log(made_as="log")], **validated), fit(epochs=2, callbacks=["log"], **validated)),
        case("CSVLogger twice, then without validation", MSE, fit(epochs=2, callbacks=[log(made_as="log")], **validated), fit(epochs=2, callbacks=["log"])),
        case("CSVLogger appending twice", MSE, fit(epochs=2, callbacks=[log(append=True, made_as="log")], **validated), fit(epochs=4, initial_epoch=2, callbacks=["log"], **validated)),
        case("two CSVLoggers append to one file", MSE, fit(epochs=2, callbacks=[log(append=True)], **validated), fit(epochs=4, initial_epoch=2, callbacks=[log(append=True)], **validated)),
        case("CSVLogger with metrics", compiled(loss="mse", metrics=["mae"], weighted_metrics=["mae"]), fit(epochs=2, sample_weight="$w", callbacks=[log()], **validated)),
        case("CSVLogger without an epoch", MSE, fit(epochs=0, callbacks=[log()])),
    ]
    return cases


def fits(ctx):
    cases = []
    validated = {"validation_data": ["$xv", "$yv"]}
    for name, values in {
        "batch_size": [1, 4, 5, 6, 7, None], "epochs": [0, 1, 3], "steps_per_epoch": [1, 2, 3], "sample_weight": ["$w", "$w1", "$wzero", None], "verbose": [1, 2, "auto"], "validation_split": [0.0, 0.2, 0.34, 0.5, 0.9, 0.1, 1.0],
        "shuffle": [False], "callbacks": [None, []], "class_weight": [None], "initial_epoch": [0, 1], "validation_data": [None],
    }.items():
        cases += [case(f"fit {name}={v}", MSE, fit(**{"callbacks": [RECORDER], **{name: v}})) for v in values]
    cases += [case(f"fit epochs={epochs} initial_epoch={first}", MSE, fit(epochs=epochs, initial_epoch=first, callbacks=[RECORDER])) for epochs, first in [(3, 1), (3, 2), (3, 3), (3, 5)]]
    cases += [case(f"fit steps_per_epoch={steps} epochs={epochs}", MSE, fit(epochs=epochs, steps_per_epoch=steps, callbacks=[RECORDER])) for steps, epochs in [(1, 4), (2, 3), (2, 1), (3, 2), (4, 1), (5, 2), (2, 5)]]
    for name, values in {"validation_freq": [1, 2, 3, 9, [1, 3], [2], [9], [], [3, 3]], "validation_steps": [None, 1, 2], "validation_batch_size": [None, 1, 3, 9], "batch_size": [None, 3]}.items():
        cases += [case(f"fit validated, {name}={v}", MSE, fit(epochs=3, callbacks=[RECORDER], **validated, **({name: v} if name != "batch_size" else {})) if name != "batch_size" else
                       {"do": "fit", "args": {"x": "$x", "y": "$y", "shuffle": False, "epochs": 2, "batch_size": v, "callbacks": [RECORDER], **validated}}) for v in values]
    cases += [
        case("fit validated with weights", MSE, fit(epochs=2, validation_data=["$xv", "$yv", "$wv"], callbacks=[RECORDER])),
        case("fit with validation_data and validation_split", MSE, fit(epochs=2, validation_split=0.5, **validated)),
        case("validation_split splits sample weights", MSE, fit(epochs=2, validation_split=0.5, sample_weight="$w", callbacks=[RECORDER])),
        case("validation_split and validation_steps", MSE, fit(epochs=2, validation_split=0.67, validation_steps=1, validation_batch_size=1)),
        case("validation_split with class weights", compiled(loss="sparse_categorical_crossentropy"), {"do": "fit", "args": {"x": "$x", "y": "$c", "shuffle": False, "batch_size": 2, "validation_split": 0.5, "class_weight": {"0": 1, "1": 2, "2": 5}}}, models="classes"),
        case("validation_split with penalties", MSE, fit(epochs=2, validation_split=0.5), models="penalized"),
        case("validation_split in weighted steps", MSE, {"do": "fit", "args": {"x": "$xs", "y": "$ys", "shuffle": False, "batch_size": 2, "validation_split": 0.5, "sample_weight": "$ws"}}, models="steps"),
        case("fit flat targets", MSE, fit(y="$yflat", epochs=2)),
        case("fit of a local layer", MSE, fit(x="$xl", epochs=3, callbacks=[RECORDER]), models="local"),
        case("fit of a normalized model", MSE, fit(epochs=3, **validated), models="normalized"),
        case("fit twice", MSE, fit(epochs=2), fit(epochs=2)),
        case("verbose 1 with validation", MSE, fit(epochs=2, verbose=1, **validated)),
        case("verbose 2 with validation", MSE, fit(epochs=2, verbose=2, **validated)),
        case("verbose 2 with a rate", MSE, fit(epochs=2, verbose=2, callbacks=[cb("LearningRateScheduler", factor=0.5)])),
        case("verbose 1 with added values", compiled(loss="mse", metrics=["mae"]), fit(epochs=2, verbose=1, callbacks=[cb("Adder", values={"score": [123456.789, 0.000012345]})])),
        case("NaN among the samples", MSE, fit(x="$xnan", epochs=2, callbacks=[cb("TerminateOnNaN"), RECORDER])),
        case("huge samples", MSE, fit(x="$xhuge", epochs=3, callbacks=[cb("TerminateOnNaN"), RECORDER])),
        case("no TerminateOnNaN", MSE, fit(x="$xnan", epochs=2, callbacks=[RECORDER])),
        case("TerminateOnNaN with early stopping that restores", MSE, fit(x="$xnan", epochs=3, callbacks=[cb("TerminateOnNaN"), cb("EarlyStopping", monitor="loss", restore_best_weights=True)])),
    ]
    sized = {"batch_size": None}
    cases += [case(f"no batch_size, {args}", MSE, fit(**sized, epochs=2, callbacks=[RECORDER], **args)) for args in
              ({"steps_per_epoch": 3}, {"steps_per_epoch": 4}, {"steps_per_epoch": 1}, {**validated, "validation_steps": 2}, {**validated, "validation_steps": 3, "validation_batch_size": 1}, {"validation_split": 0.5, "steps_per_epoch": 2, "validation_steps": 3})]
    cases += [case(f"no batch_size, {call} of {steps} steps", MSE, {"do": call, "args": {"x": "$x", "steps": steps, "callbacks": [RECORDER], **more}}) for call, more in (("evaluate", {"y": "$y", "return_dict": True}), ("predict", {})) for steps in (1, 2, 4)]
    batches = lambda *names, **more: {"batches": list(names), **more}
    source = lambda x, **args: {"do": "fit", "args": {"x": x, "callbacks": [RECORDER], **args}}
    cases += [
        case("fit of a generator", MSE, source(batches("$x", "$y"))),
        case("fit of a generator with weights", MSE, source(batches("$x", "$y", "$w"))),
        case("fit of a generator, some steps an epoch", MSE, source(batches("$x", "$y", times=2), steps_per_epoch=2, epochs=3)),
        case("fit of a generator that runs out", MSE, source(batches("$x", "$y"), steps_per_epoch=2, epochs=3)),
        case("fit of a generator with class weights", compiled(loss="sparse_categorical_crossentropy"), source(batches("$x", "$c"), class_weight={"0": 1, "1": 2, "2": 5}), models="classes"),
        case("validation by a generator", MSE, fit(validation_data=batches("$xv", "$yv"), validation_steps=2)),
        case("evaluate of a generator", MSE, {"do": "evaluate", "args": {"x": batches("$x", "$y"), "steps": 2, "return_dict": True}}),
        case("fit shuffled, in one batch", MSE, fit(shuffle=True, batch_size=6, epochs=2)),
    ]
    together = lambda n: [cb("EarlyStopping", monitor="val_loss", patience=1 + n, restore_best_weights=n % 2 == 0, made_as="stopping"), cb("ReduceLROnPlateau", monitor="val_loss", factor=0.5, patience=1, min_delta=0.01 * n, cooldown=n % 2),
                          cb("ModelCheckpoint", filepath="best.weights.h5", save_weights_only=True, save_best_only=True, made_as="best"), cb("CSVLogger", filename="log.csv")]
    cases += [case(f"callbacks together {n}", compiled(loss="mse", metrics=["mae"]), fit(epochs=6, callbacks=together(n), validation_freq=1 + n % 2, **validated), models=model) for n, model in enumerate(["line", "deep", "penalized", "normalized"])]
    return cases


def events(ctx):
    validated = {"validation_data": ["$xv", "$yv"], "validation_batch_size": 2}
    stop = {"do": "set", "path": "stop_training", "value": True}
    cases = [case("events of fit", compiled(loss="mse", metrics=["mae"]), fit(epochs=2, callbacks=[RECORDER], **validated)),
             case("the short names of LambdaCallback", MSE, fit(epochs=2, callbacks=[cb("LambdaCallback", names=["on_epoch_begin", "on_epoch_end", "on_batch_begin", "on_batch_end", "on_train_begin", "on_train_end"])])),
             case("all names of LambdaCallback", MSE, fit(epochs=1, callbacks=[cb("LambdaCallback", names=[f"on_{event}" for event in EVENTS if "predict" not in event])], **validated)),
             case("the order of callbacks", MSE, fit(epochs=1, callbacks=[cb("LambdaCallback", names=["on_epoch_end"]), cb("Recorder", only=["epoch_end"]), cb("Adder", values={"a": [1]}), cb("Recorder", only=["epoch_end", "train_end"])])),
             case("values added at every event", MSE, fit(epochs=2, callbacks=[*(cb("Adder", values={f"at_{e}": [1]}, event=e) for e in ("train_batch_end", "test_batch_end", "epoch_end")), RECORDER], **validated)),
             case("values added at the end of a test", MSE, fit(epochs=2, callbacks=[cb("Adder", values={"extra": [1]}, event="test_end"), RECORDER], **validated),
                  {"do": "evaluate", "args": {"x": "$x", "y": "$y", "return_dict": True, "callbacks": [cb("Adder", values={"extra": [1]}, event="test_end"), RECORDER]}}),
             case("values added at the begin of a batch", MSE, fit(epochs=1, callbacks=[cb("Adder", values={"extra": [1]}, event="train_batch_begin"), cb("Adder", values={"more": [2]}, event="epoch_begin"), RECORDER]))]
    for on, at in [("train_begin", None), ("epoch_begin", 0), ("epoch_begin", 1), ("train_batch_begin", 0), ("train_batch_begin", 1), ("train_batch_end", 0), ("train_batch_end", 1), ("train_batch_end", 2), ("test_begin", None),
                   ("test_batch_begin", 0), ("test_batch_end", 1), ("test_end", None), ("epoch_end", 0), ("epoch_end", 1), ("train_end", None)]:
        cases.append(case(f"stopping from {on}{'' if at is None else f' {at}'}", MSE, fit(epochs=3, callbacks=[cb("Actor", on=on, at=at, calls=[stop]), RECORDER], **validated), {"do": "read", "path": "stop_training"}, fit(epochs=1)))
    cases.append(case("stop_training before fit", MSE, stop, fit(epochs=2)))
    test = {"do": "evaluate", "args": {"x": "$xv", "y": "$yv", "return_dict": True}}
    steps = [{"do": "test_on_batch", "args": {"x": "$xv", "y": "$yv", "return_dict": True}}, {"do": "predict", "args": {"x": "$xv"}}, {"do": "predict_on_batch", "args": {"x": "$xv"}}, test]
    for on in ("train_begin", "epoch_begin", "epoch_end", "train_end"):  # after evaluate or predict from train_end, Keras gives back their history; tests from epoch_begin become part of the epoch's means
        cases += [case(f"{call['do']} from {on}", compiled(loss="mse", metrics=["mae"]), fit(epochs=2, callbacks=[cb("Actor", on=on, calls=[call]), RECORDER])) for call in steps
                  if (on != "train_end" or call["do"].endswith("on_batch")) and (on != "epoch_begin" or call["do"].startswith("predict"))]
    cases += [
        case("evaluate from epoch_end, with validation", MSE, fit(epochs=2, callbacks=[cb("Actor", on="epoch_end", calls=[test]), RECORDER], **validated)),
        case("set_weights from epoch_end", MSE, fit(epochs=2, callbacks=[cb("Actor", on="epoch_end", at=0, calls=[{"do": "set_weights", "args": {"weights": [T(F32([[0.5], [0.25]])), T(F32([1]))]}}])])),
        case("a rate set from train_batch_end", MSE, fit(epochs=2, callbacks=[cb("Actor", on="train_batch_end", at=1, calls=[{"do": "set", "path": "optimizer.learning_rate", "value": 0.01}])])),
        case("a callback that fails", MSE, fit(epochs=3, callbacks=[cb("Actor", on="epoch_end", at=1, calls=[{"do": "raise"}]), RECORDER])),
        case("a callback that fails within an epoch", MSE, fit(epochs=3, callbacks=[RECORDER, cb("Actor", on="train_batch_end", at=1, calls=[{"do": "raise"}])])),
    ]
    fail = lambda on, at: cb("Actor", on=on, at=at, calls=[{"do": "raise"}])
    backup = lambda **config: cb("BackupAndRestore", backup_dir="backup", **config)
    again = [{"do": "set_weights", "args": {"weights": [T(F32([[0.1], [0.1]])), T(F32([0]))]}}, MSE]
    for n, options in enumerate([{}, {"save_freq": "epoch", "delete_checkpoint": True}, {"delete_checkpoint": False}]):  # within an epoch, Keras resumes with its first batches
        cases.append(case(f"BackupAndRestore {n}, after a failure", MSE, fit(epochs=4, callbacks=[backup(**options), fail("epoch_begin", 2)]), *again, fit(epochs=4, callbacks=[backup(**options), cb("Recorder", only=["epoch_begin", "train_batch_begin"])])))
    cases += [case(f"BackupAndRestore without a failure, delete_checkpoint {delete}", MSE, fit(epochs=2, callbacks=[backup(delete_checkpoint=delete)]), fit(epochs=4, callbacks=[backup(delete_checkpoint=delete), cb("Recorder", only=["epoch_begin"])])) for delete in (True, False)]
    return cases


def weighted(ctx):
    """Weights of samples and of classes, for targets of one, two and three axes."""
    cw, metrics = {"0": 1, "1": 0.5, "2": 10}, lambda m: {"metrics": [m], "weighted_metrics": [m]}
    sparse, hot, binary = "sparse_categorical_crossentropy", "categorical_crossentropy", "binary_crossentropy"
    cases = []
    for model, x, y, loss, metric, weights in [
        ("classes", "$x", "$c", sparse, "accuracy", ["$w", "$w1"]), ("classes", "$x", "$c1", sparse, "accuracy", ["$w", "$w1"]), ("classes", "$x", "$chot", hot, "accuracy", ["$w", "$w1"]),
        ("step_classes", "$xs", "$ct", sparse, "accuracy", ["$w1", "$ws"]), ("step_classes", "$xs", "$ct1", sparse, "accuracy", ["$w1", "$ws"]), ("step_classes", "$xs", "$cthot", hot, "accuracy", ["$w1", "$ws", "$ws1"]),
        ("pixels", "$xp", "$cp", sparse, "accuracy", ["$wp"]), ("pixels", "$xp", "$cp1", sparse, "accuracy", ["$wp"]), ("pixels", "$xp", "$cphot", hot, "accuracy", ["$wp"]),
        ("binary", "$x", "$b", binary, "accuracy", ["$w", "$w1"]), ("binary", "$x", "$bflat", binary, "accuracy", ["$w"]),
        ("steps", "$xs", "$bs", "mse", "mae", ["$w1", "$ws", "$ws1"]), ("line", "$x", "$b", "mse", "mae", ["$w", "$w1"]), ("line", "$x", "$bflat", "mse", "mae", ["$w", "$w1"]),
        ("pixel_values", "$xp", "$cp1", "mse", "mae", ["$wp"]),
    ]:
        train = lambda **more: {"do": "fit", "args": {"x": x, "y": y, "batch_size": 2, "shuffle": False, "epochs": 2, **more}}
        name = f"{model} {y[1:]} {loss}"
        cases += [case(f"sample weights {w[1:]}: {name}", compiled(loss=loss, **metrics(metric)), train(sample_weight=w, validation_split=0.34), {"do": "evaluate", "args": {"x": x, "y": y, "sample_weight": w, "batch_size": 4, "return_dict": True}},
                       {"do": "train_on_batch", "args": {"x": x, "y": y, "sample_weight": w, "return_dict": True}}, models=model) for w in weights]
        if y in ("$ct", "$cp"):
            continue  # Keras takes the place of the largest number of a row for the class: see docs/keras-compatibility.md
        cases.append(case(f"class weights: {name}", compiled(loss=loss, **metrics(metric)), train(class_weight=cw), models=model))
        cases.append(case(f"train_on_batch with class weights: {name}", compiled(loss=loss, **metrics(metric)), {"do": "train_on_batch", "args": {"x": x, "y": y, "class_weight": cw, "return_dict": True}}, models=model))
        if weights[0] in ("$w", "$wp"):
            cases.append(case(f"both weights: {name}", compiled(loss=loss, **metrics(metric)), train(class_weight=cw, sample_weight=weights[0]), models=model))
    for reduction in ("sum", "sum_over_batch_size"):
        loss = {"class_name": "MeanSquaredError", "config": {"reduction": reduction}}
        cases += [case(f"the reduction {reduction}, {weights}: {model}", compiled(loss=loss, metrics=["mae"]), {"do": "fit", "args": {"x": x, "y": y, "batch_size": 4, "shuffle": False, "epochs": 2, **weights}}, models=model)
                  for model, x, y, weights in [("line", "$x", "$y", {}), ("line", "$x", "$y", {"sample_weight": "$w"}), ("steps", "$xs", "$ys", {"sample_weight": "$ws"}), ("penalized", "$x", "$y", {"sample_weight": "$w"})]]
    cases += [
        case("class weights without the class 1", compiled(loss=sparse), {"do": "fit", "args": {"x": "$x", "y": "$c", "class_weight": {"0": 1, "2": 3}}}, models="classes"),
        case("class weights of fewer classes than there are", compiled(loss=sparse), {"do": "fit", "args": {"x": "$x", "y": "$c", "class_weight": {"0": 1, "1": 3}}}, models="classes"),
        case("class weights and unweighted validation", compiled(loss=sparse), {"do": "fit", "args": {"x": "$x", "y": "$c", "shuffle": False, "validation_data": ["$xv", "$cv"], "class_weight": {"0": 1, "1": 3, "2": 7}}}, models="classes"),
        case("sample weights of the wrong length", MSE, fit(sample_weight="$wv")),
    ]
    return cases


def on_batches(ctx):
    batch = lambda do, **args: {"do": do, "args": {"x": "$x", "y": "$y", "return_dict": True, **args}}
    mae = compiled(loss="mse", metrics=["mae"], weighted_metrics=["mae"])
    cases = [case(f"{do} {options}", mae, batch(do, **options), batch(do)) for do in ("train_on_batch", "test_on_batch") for options in
             ({}, {"return_dict": True}, {"sample_weight": "$w"}, {"sample_weight": "$w1"}, {"reset_metrics": False}, {"reset_metrics": True})]
    cases += [
        case("batches one after the other", mae, *(batch(do, reset_metrics=reset) for do, reset in itertools.product(("train_on_batch", "test_on_batch"), (True, False, False)))),
        case("a batch between fits", mae, fit(epochs=1), batch("train_on_batch", reset_metrics=False), batch("test_on_batch", reset_metrics=False), {"do": "evaluate", "args": {"x": "$x", "y": "$y", "return_dict": True}}, batch("test_on_batch", reset_metrics=False)),
        case("predict_on_batch", MSE, {"do": "predict_on_batch", "args": {"x": "$x"}}),
        case("reset_metrics", mae, batch("train_on_batch"), {"do": "reset_metrics"}, batch("train_on_batch", reset_metrics=False)),
    ]
    test = lambda **args: {"do": "evaluate", "args": {"x": "$x", "y": "$y", "return_dict": True, **args}}
    for name, values in {"batch_size": [None, 1, 4, 9], "steps": [None, 1, 2], "sample_weight": [None, "$w", "$w1"], "callbacks": [None, [], [RECORDER]], "verbose": [1, 2, "auto"]}.items():
        cases += [case(f"evaluate {name}={v if name != 'callbacks' else len(v or [])}", mae, test(**{"batch_size": 4, name: v})) for v in values]
        if name in ("batch_size", "steps", "callbacks"):
            cases += [case(f"predict {name}={v if name != 'callbacks' else len(v or [])}", MSE, {"do": "predict", "args": {"x": "$x", **{"batch_size": 4, name: v}}}) for v in values]
    cases += [case("predict without compile", {"do": "predict", "args": {"x": "$x", "callbacks": [RECORDER]}}), case("fit without compile", fit()), case("evaluate without compile", test())]
    return cases


def freezing(ctx):
    first, second = {"layers": [layer("Dense", units=2, activation="tanh", batch_input_shape=[None, 2])]}, layer("Dense", units=1)
    weights = [w for w in ctx.behaviour_models["deep"]["weights"]]
    two = {"front": {**first, "weights": weights[:2]}, "model": {"layers": ["front.0", second], "weights": weights}}
    put = lambda path, v, on=None: {"do": "set", "path": path, "value": v, **({"on": on} if on else {})}
    on = lambda call, model: {**call, "on": model}
    count = [{"do": "read", "path": "trainable"}]
    front_fit = on({"do": "fit", "args": {"x": "$x", "y": "$front", "batch_size": 2, "shuffle": False}}, "front")
    ctx.behaviour_data["front"] = T(ctx.rng.uniform(-1, 1, (6, 2)).astype(F32).round(3))
    train = on(fit(), "model")
    cases = [
        case("a frozen layer", put("layers.0.trainable", False), MSE, fit(epochs=2), models="deep"),
        case("frozen after compile", MSE, put("layers.0.trainable", False), fit(), MSE, fit(), models="deep"),
        case("thawed after compile", put("layers.0.trainable", False), MSE, put("layers.0.trainable", True), fit(), MSE, fit(), models="deep"),
        case("a frozen model", put("trainable", False), *count, MSE, fit(), models="deep"),
        case("a model frozen after compile", MSE, put("trainable", False), fit(), MSE, fit(), put("trainable", True), fit(), MSE, fit(), models="deep"),
        case("a frozen model with a thawed layer", put("trainable", False), put("layers.1.trainable", True), MSE, fit(), models="deep"),
        case("a thawed model with a frozen layer", put("trainable", True), put("layers.1.trainable", False), *count, {"do": "read", "path": "layers.0.trainable"}, {"do": "read", "path": "layers.1.trainable"}, MSE, fit(), models="deep"),
        case("freezing sets the layers", put("trainable", False), {"do": "read", "path": "layers.0.trainable"}, put("trainable", True), {"do": "read", "path": "layers.0.trainable"}, models="deep"),
        case("frozen within a callback", MSE, fit(epochs=2, callbacks=[cb("Actor", on="epoch_end", at=0, calls=[put("layers.0.trainable", False)])]), models="deep"),
        case("train_on_batch of what compile found", MSE, put("layers.0.trainable", False), {"do": "train_on_batch", "args": {"x": "$x", "y": "$y", "return_dict": True}}, models="deep"),
        case("a frozen BatchNormalization", put("layers.1.trainable", False), MSE, fit(epochs=2), models="normalized"),
        case("BatchNormalization frozen after compile", MSE, put("layers.1.trainable", False), fit(), MSE, fit(), models="normalized"),
        case("frozen for one model, not for another", on(MSE, "front"), put("layers.0.trainable", False, "front"), on(MSE, "model"), train, front_fit, train, models=two),
        case("a model frozen for another", on(MSE, "front"), put("trainable", False, "front"), on(MSE, "model"), train, front_fit, models=two),
        case("thawed for one model", put("layers.0.trainable", False, "front"), on(MSE, "model"), put("layers.0.trainable", True, "front"), on(MSE, "front"), train, front_fit, models=two),
        case("one layer in two models", on(MSE, "front"), on(MSE, "model"), front_fit, train, models=two),
    ]
    adam = lambda rate=0.1, **more: {"do": "compile", "args": {"optimizer": {"class_name": "Adam", "config": {"learning_rate": rate}}, "loss": "mse", **more}}
    cases += [
        case("recompile starts the optimizer anew", adam(), fit(epochs=2), adam(), fit(epochs=2)),
        case("recompile with another loss", MSE, fit(), compiled(loss="mae", metrics=["mse"]), fit(), {"do": "read", "path": "metrics_names"}),
        case("recompile keeps the metrics apart", compiled(loss="mse", metrics=["mae"]), fit(), MSE, fit()),
        case("a callback that compiles nothing reads the iterations", adam(), fit(epochs=2), {"do": "read", "path": "optimizer.iterations"}),
        case("the default optimizer", {"do": "compile", "args": {"optimizer": "rmsprop", "loss": "mse"}}, fit(epochs=2)),
        case("metrics_names before and after fit", compiled(loss="mse", metrics=["mae", "mse"], weighted_metrics=["mae"]), {"do": "read", "path": "metrics_names"}, fit(), {"do": "read", "path": "metrics_names"}),
        case("metrics_names of accuracies", compiled(loss="sparse_categorical_crossentropy", metrics=["acc"], weighted_metrics=["accuracy"]), {"do": "evaluate", "args": {"x": "$x", "y": "$c", "return_dict": True}}, {"do": "read", "path": "metrics_names"}, models="classes"),
        case("metrics_names without compile", {"do": "read", "path": "metrics_names"}),
        case("metrics_names after train_on_batch", compiled(loss="mse", metrics=["mae"]), {"do": "train_on_batch", "args": {"x": "$x", "y": "$y", "return_dict": True}}, {"do": "read", "path": "metrics_names"}),
    ]
    decay = lambda names, **config: {"do": "compile", "args": {"optimizer": {"class_name": "SGD", "config": {"learning_rate": 0.1, "weight_decay": 0.5, **config}, "exclude_from_weight_decay": names}, "loss": "mse"}}
    cases += [case(f"weight decay without {names}", decay(names), fit(epochs=2), models="deep") for names in (["bias"], ["kernel"], ["nothing"], ["bias", "kernel"], ["ker.el"], ["^kernel"], [":0"], ["/bias:0$"])]
    cases += [case("a later rate", MSE, {"do": "set", "path": "optimizer.learning_rate", "value": 0.02}, fit(), {"do": "read", "path": "optimizer.learning_rate"})]
    return cases


def sequentials(ctx):
    dense = lambda units, **config: layer("Dense", units=units, kernel_initializer="ones", bias_initializer="zeros", **config)
    empty = {"model": {"layers": []}}
    unbuilt = {"model": {"layers": [dense(2, name="one"), dense(3, name="two")]}}
    read = lambda *paths: [{"do": "read", "path": path} for path in paths]
    shapes = read("built", "input_shape", "output_shape")
    predict = {"do": "predict", "args": {"x": "$x"}}
    return [
        case("one layer, not in a list", {"do": "construct", "name": "single", "layer": dense(1, batch_input_shape=[None, 2])}, {**predict, "on": "single"}),
        case("build of an empty model, layers after it", {"do": "build", "args": {"input_shape": [None, 2]}}, *read("built"), {"do": "add", "layer": dense(2)}, {"do": "add", "layer": dense(1)}, predict, *shapes, models=empty),
        case("build of an empty model twice", {"do": "build", "args": {"input_shape": [None, 2]}}, {"do": "build", "args": {"input_shape": [None, 2]}}, {"do": "add", "layer": dense(1)}, predict, models=empty),
        case("an empty model built for another shape", {"do": "build", "args": {"input_shape": [None, 5]}}, {"do": "add", "layer": dense(1)}, predict, *shapes, models=empty),
        case("layers, then build, then layers", {"do": "build", "args": {"input_shape": [None, 2]}}, {"do": "add", "layer": dense(1)}, predict, *shapes, models=unbuilt),
        case("built by data", *read("built"), predict, *shapes, models=unbuilt),
        case("compute_output_shape before build", {"do": "compute_output_shape", "args": {"input_shape": [None, 2]}}, {"do": "compute_output_shape", "args": {"input_shape": [7, 5]}}, *read("built"), models=unbuilt),
        case("compute_output_shape after build", {"do": "compute_output_shape", "args": {"input_shape": [None, 3, 2]}}, models="local"),
        case("compute_output_shape of an empty model", {"do": "compute_output_shape", "args": {"input_shape": [None, 2]}}, models=empty),
        case("pop", {"do": "pop"}, predict, *shapes, {"do": "pop"}, *read("built"), {"do": "pop"}, models="deep"),
        case("pop, then add", {"do": "pop"}, {"do": "add", "layer": dense(3)}, predict, *shapes, models="deep"),
        case("count_params", {"do": "count_params"}, {"do": "get_weights"}, models="deep"),
        case("get_layer", {"do": "get_layer", "args": {"name": "one"}}, {"do": "get_layer", "args": {"index": 1}}, {"do": "get_layer", "args": {"name": "three"}}, {"do": "get_layer", "args": {"index": 9}}, models=unbuilt),
        case("set_weights of the wrong number", {"do": "set_weights", "args": {"weights": [T(F32([1]))]}}),
        case("fit of an unbuilt model", MSE, fit(y="$front3"), models=unbuilt),
        case("count_params before build", {"do": "count_params"}, models=unbuilt),
    ]


def by_hand(ctx):
    """Callbacks that are called without fit."""
    ends = lambda name, values: [["epoch_end", n, {name: v}] for n, v in enumerate(values)]
    rate = {"do": "read", "path": "optimizer.learning_rate"}
    cases = []
    for n, (monitor, mode, values) in enumerate([("val_loss", "auto", [1, 2, 3]), ("val_loss", "min", [-1, -2, -3]), ("acc", "auto", [1, 2, 3]), ("acc", "auto", [-1, -2, -3]), ("val_loss", "max", [-1, -2, -3])]):
        plateau = cb("ReduceLROnPlateau", monitor=monitor, mode=mode, patience=1, factor=0.5, made_as="plateau")
        cases.append(case(f"ReduceLROnPlateau by hand {n}", MSE, {"do": "drive", "callback": plateau, "tell": ends(monitor, values)}, rate))
        cases.append(case(f"ReduceLROnPlateau by hand {n}, begun", MSE, {"do": "drive", "callback": plateau, "tell": [["train_begin"], *ends(monitor, values)]}, rate))
        stopping = cb("EarlyStopping", monitor=monitor, mode=mode, patience=1, made_as="stopping")
        cases.append(case(f"EarlyStopping by hand {n}", MSE, {"do": "drive", "callback": stopping, "tell": [["train_begin"], *ends(monitor, values), ["train_end"]]}, {"do": "read", "path": "stop_training"}))
    return cases


GROUPS = {group.__name__: group for group in (early_stopping, reduce_lr, schedulers, checkpoints, csv_files, fits, events, weighted, on_batches, freezing, sequentials, by_hand)}


def behaviour(ctx, only=None):
    file = {"models": the_models(ctx), "data": the_data(ctx)}
    ctx.behaviour_models, ctx.behaviour_data = file["models"], file["data"]
    file["data"]["front3"] = T(ctx.rng.uniform(-1, 1, (6, 3)).astype(F32).round(3))
    cases = [each for name, group in GROUPS.items() for each in group(ctx) if only is None or name in only]
    done = []
    for each in cases:
        keras.backend.clear_session()
        done.append(Run(file, each).go())
    return {**file, "signatures": signatures(), "formats": formats(), "cases": done}


def formats():
    """File names that ModelCheckpoint would make: what str.format gives, or that it raises."""
    specs = ["", ":d", ":3d", ":03d", ":<4d", ":^5d", ":*>6d", ":+d", ": d", ":=+6d", ":,d", ":_d", ":.2d", ":f", ":.0f", ":.1f", ":.2f", ":.3F", ":8.2f", ":08.3f", ":<8.1f", ":+.2f", ":x^9.1f", ":,.2f",
             ":e", ":.0e", ":.3e", ":.2E", ":g", ":.0g", ":.3g", ":.10g", ":.4G", ":%", ":.1%", ":.0%", ":.3", ":.1", ":8.3", ":>7", ":q", ":.f"]
    floats = [0.0, -0.0, 0.5, 1.5, 2.5, 0.125, 0.375, 0.25, -0.75, 1.0, 3.25, 12.0, 100.0, 123.4, 999.9996, 1234567.891, 9.5, 1e-05, 0.0001, 0.00012345, 6.25e-06, 1e15, 1e16, 1.5e20, float("nan"), float("inf"), float("-inf")]
    cases = []
    for name, values in (("epoch", [1, 7, 12, 12345]), ("loss", floats)):
        for spec, v in itertools.product(specs, values):
            if spec.endswith("d") and v in (0, 1, 12, 100, 1e15, 1e16, 1.5e20) and name == "loss":
                continue  # Python refuses 1.0 and writes 1: JavaScript can't tell them apart
            template = f"{{{name}{spec}}}"
            try:
                cases.append([template, v, template.format(**{name: v})])
            except ValueError:
                cases.append([template, v, None])
    return cases


def signatures():
    """Every parameter of what the cases call."""
    names = lambda f: [p for p, v in inspect.signature(f).parameters.items() if p != "self" and v.kind not in (v.VAR_POSITIONAL, v.VAR_KEYWORD)]
    methods = ["fit", "evaluate", "predict", "train_on_batch", "test_on_batch", "predict_on_batch", "compile", "add", "pop", "build", "compute_output_shape", "get_layer", "count_params", "reset_metrics", "set_weights"]
    callbacks = ["EarlyStopping", "ReduceLROnPlateau", "LearningRateScheduler", "ModelCheckpoint", "CSVLogger", "TerminateOnNaN", "LambdaCallback", "BackupAndRestore"]
    return {**{name: names(getattr(keras.Sequential, name)) for name in methods}, **{name: names(getattr(C, name)) for name in callbacks}}


def main(argv=None):
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--out", default="goldens", help="folder for the fixtures (default: goldens)")
    p.add_argument("--seed", type=int, default=0)
    p.add_argument("--heldout", action="store_true", help="draw other numbers and combinations from the seed")
    p.add_argument("--only", nargs="*", metavar="GROUP", choices=list(GROUPS), help=f"any of: {', '.join(GROUPS)}")
    args = p.parse_args(argv)
    os.makedirs(args.out, exist_ok=True)
    ctx = Ctx(args.out, args.seed, args.heldout, "behaviour")
    doc = {"family": "behaviour", "tf_keras": keras.__version__, "tensorflow": tf.__version__, "seed": args.seed, "heldout": args.heldout, **behaviour(ctx, args.only)}
    path = os.path.join(args.out, "behaviour.json")
    write_json(path, {k: J(v) for k, v in doc.items()})
    print(f"behaviour {len(doc['cases'])} cases {os.path.getsize(path) / 1024:.1f} KiB")


if __name__ == "__main__":
    main()
