#!/usr/bin/env python3
"""Golden fixtures of models with branches and of models in models, computed by the real Keras 2.

    python make_graphs.py --out fixtures                    # writes fixtures/graphs.json and fixtures/graphs/
    python make_graphs.py --out other --heldout --seed 7    # other sizes, layers, optimizers and random graphs

Needs what make_goldens.py needs, and imports its helpers. The output is a function of (--seed, --heldout) on one
machine and one TensorFlow version, byte for byte, the `.keras` containers included (their dates are fixed).
"README.md" beside this file has the schema and what was observed.

A case of one model is made by `Graphs.case`; a case of several models that share layers by `Graphs.script`.
"""

import argparse
import contextlib
import io
import json
import os
import shutil
import warnings
import zipfile

from make_goldens import F32, Ctx, J, T, clean, keras, np, short_name, tf, write_json

warnings.filterwarnings("ignore")
tf.get_logger().setLevel("ERROR")
L, R = keras.layers, keras.regularizers

NOTES = [
    "Case with `model`: set initial_weights; outputs = predict(inputs); compile; then `train`: {method: 'train_on_batch', steps: [{rows: [from, to], logs}]} or {method: 'fit', options, history}; "
    "then evaluate, final_weights, final_outputs. Everything else describes the model before training.",
    "x, y and sample_weight are given as `given.x`, `given.y`, `given.sample_weight` say: 'one' (a bare array), 'list', or 'dict' by name. A target may be null (that output has none).",
    "compile: Keras' spelling; {class_name, config} stands for an object, {'custom': name} for a function that the replay supplies (losses: wasserstein = mean(y_true * y_pred)).",
    "gradients: of the loss of the first training step with respect to trainable_weights; null where they were not taken.",
    "lambdas: {layer: function name}: the functions are in `lambda_functions` of the file. Their cases have needs: ['lambda'].",
    "Case with `models`: several models made in this order (initial_weights null: all of its weights are of other models). `parts` says which layers of a model are layers of an earlier one ('critic/dense') or an earlier model itself ('critic'). "
    "`data`: tensors by name. `script`: what was done, in order; `x`, `y` name data; `as` names what an operation gave, for later ones. set_trainable: layer 'a/b' of the model, or null for the model.",
    "files: in graphs/, written after the training above; resumed: two more train_on_batch steps on the rows of each, after loading the file in Keras.",
    "refusals: snippets which raise (x, y, sw: data for a model of two outputs p and q). The message is for orientation.",
]

# The functions of Lambda layers: by name, in Python here, and again in the replay.
LAMBDA_FUNCTIONS = {
    "abs_difference": "abs(x[0] - x[1])",
    "first_step": "x[:, 0]",
    "crop_ends": "x[:, 1:-1]",
    "left_half": "x[:, :, : x.shape[2] // 2]",
    "half": "x * 0.5",
    "square": "x * x",
    "expand_last": "x[..., newaxis]",
    "mean_of_steps": "mean of x over axis 1",
    "sum_of_last": "sum of x over the last axis, kept",
    "ratio": "x[0] / x[1]",
    "pad_front": "one zero step before axis 1",
    "plus_one": "x + 1",
}


def abs_difference(x):
    return tf.abs(x[0] - x[1])


def first_step(x):
    return x[:, 0]


def crop_ends(x):
    return x[:, 1:-1]


def left_half(x):
    return x[:, :, : x.shape[2] // 2]


def half(x):
    return x * 0.5


def square(x):
    return x * x


def expand_last(x):
    return tf.expand_dims(x, -1)


def mean_of_steps(x):
    return tf.reduce_mean(x, axis=1)


def sum_of_last(x):
    return tf.reduce_sum(x, axis=-1, keepdims=True)


def ratio(x):
    return x[0] / x[1]


def pad_front(x):
    return tf.pad(x, [[0, 0], [1, 0], [0, 0]])


def plus_one(x):
    return x + 1.0


def wasserstein(y_true, y_pred):
    return tf.reduce_mean(y_true * y_pred, axis=-1)


class YoloReshape(L.Layer):
    """A layer of the user's, one in, one out, as in YOLO ports: splits the last axis into classes and boxes."""

    def __init__(self, grid, **kw):
        super().__init__(**kw)
        self.grid = grid

    def call(self, x):
        return tf.reshape(x, (-1, self.grid, self.grid, x.shape[-1] // self.grid**2))

    def get_config(self):
        return {**super().get_config(), "grid": self.grid}


for name in LAMBDA_FUNCTIONS:  # files hold the byte code: without a path of this machine
    globals()[name].__code__ = globals()[name].__code__.replace(co_filename="make_graphs.py")
keras.__internal__.enable_unsafe_deserialization()

CUSTOM = {"wasserstein": wasserstein, "YoloReshape": YoloReshape, **{n: globals()[n] for n in LAMBDA_FUNCTIONS}}


# ---- Plain JSON to Keras' objects ------------------------------------------------------------------------------

def is_object(spec):
    return isinstance(spec, dict) and ("class_name" in spec or "custom" in spec)


def build(get, spec):
    """Lists and dicts by output stay; {class_name, config} and {custom} become objects."""
    if is_object(spec):
        return CUSTOM[spec["custom"]] if "custom" in spec else get(spec)
    if isinstance(spec, list):
        return [build(get, s) for s in spec]
    if isinstance(spec, dict):
        return {k: build(get, s) for k, s in spec.items()}
    return spec


def optimizer_of(spec):
    """Not optimizers.get: of a dict without "module" it makes the legacy class."""
    config = dict(spec["config"])
    if isinstance(config["learning_rate"], dict):
        config["learning_rate"] = keras.optimizers.schedules.deserialize(config["learning_rate"])
    return getattr(keras.optimizers, spec["class_name"])(**config)


def compile_as(model, spec):
    model.compile(optimizer=optimizer_of(spec["optimizer"]), loss=build(keras.losses.get, spec["loss"]), loss_weights=spec.get("loss_weights"),
                  metrics=build(keras.metrics.get, spec.get("metrics")), weighted_metrics=build(keras.metrics.get, spec.get("weighted_metrics")))


def optimizer(name, lr, **config):
    return {"class_name": name, "config": {"learning_rate": lr, **config}}


def loss_of(spec, i, name):
    """Which loss the i-th output has: a name, or None."""
    loss = spec["loss"]
    if isinstance(loss, list):
        loss = loss[i] if i < len(loss) else None
    elif isinstance(loss, dict) and not is_object(loss):
        loss = loss.get(name)
    return loss["class_name"] if isinstance(loss, dict) and "class_name" in loss else loss


# ---- What is told of a model -----------------------------------------------------------------------------------

def plain_json(model):
    doc = json.loads(model.to_json())
    doc.pop("backend", None)
    name_functions(doc, model)
    return doc


def name_functions(value, model):
    """Keras writes the byte code of a Lambda's function; here stands its name."""
    if isinstance(value, list):
        for item in value:
            name_functions(item, model)
    elif isinstance(value, dict):
        if value.get("class_name") == "Lambda":
            config = value["config"]
            config.update(function=lambdas(model)[config["name"]], function_type="function")
        else:
            for item in value.values():
                name_functions(item, model)


def lambdas(model):
    """{layer: name of its function}, nested models included."""
    found = {}
    for layer in model.layers:
        if isinstance(layer, L.Lambda):
            found[layer.name] = layer.function.__name__
        if isinstance(layer, keras.Model):
            found.update(lambdas(layer))
    return found


def summary(model, **kw):
    lines = []
    model.summary(print_fn=lambda s, **k: lines.append(s), **kw)
    return [line.rstrip() for line in "\n".join(lines).split("\n")]


def frozen_layers(model, prefix=""):
    names = []
    for layer in model.layers:
        if not layer.trainable:
            names.append(prefix + layer.name)
        if isinstance(layer, keras.Model):
            names += frozen_layers(layer, prefix + layer.name + "/")
    return names


def describe_model(model):
    size = lambda weights: int(sum(np.prod(w.shape) for w in weights))
    is_nested = any(isinstance(l, keras.Model) for l in model.layers)
    return {
        "model": plain_json(model), "layers": [l.name for l in model.layers], "input_names": model.input_names, "output_names": model.output_names,
        "output_shapes": [list(t.shape) for t in model.outputs], "weight_names": [w.name for w in model.weights], "trainable_weight_names": [w.name for w in model.trainable_weights],
        "frozen": frozen_layers(model),
        "count_params": {"total": model.count_params(), "trainable": size(model.trainable_weights), "non_trainable": size(model.non_trainable_weights)},
        "summary": summary(model), **({"summary_expanded": summary(model, expand_nested=True, show_trainable=True)} if is_nested else {}),
    }


def as_list(value):
    return list(value) if isinstance(value, (list, tuple)) else [value]


def predict(model, x):
    """What model.predict gives, without tracing a function for each model."""
    return [t.numpy() for t in as_list(model(tf.nest.map_structure(tf.constant, x), training=False))]


def give(tensors, names, how):
    if how == "one":
        return tensors[0]
    return dict((n, t) for n, t in zip(names, tensors) if t is not None) if how == "dict" else list(tensors)


def rows_of(data, start, stop):
    if isinstance(data, dict):
        return {k: rows_of(v, start, stop) for k, v in data.items()}
    if isinstance(data, list):
        return [rows_of(v, start, stop) for v in data]
    return None if data is None else data[start:stop]


def fix_dates(path):
    """The same bytes each time: the dates in and of a .keras container become 2000-01-01."""
    with zipfile.ZipFile(path) as z:
        parts = {n: z.read(n) for n in z.namelist()}
    meta = json.loads(parts["metadata.json"])
    parts["metadata.json"] = json.dumps({**meta, "date_saved": "2000-01-01@00:00:00"}).encode()
    with zipfile.ZipFile(path, "w") as z:
        for name, data in parts.items():
            z.writestr(zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0)), data)


class Graphs:
    """`ctx` draws for the part at work: each part has a stream of its own."""

    def __init__(self, out):
        self.ctx, self.cases = None, []
        self.folder = os.path.join(out, "graphs")
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.folder)

    # -- draws ---------------------------------------------------------------------------------------------------
    def n(self, public, lo=2, hi=5):
        return self.ctx.dims(public, lo=lo, hi=hi)[0]

    def act(self, public="tanh"):
        return self.ctx.pick(public, "tanh", "sigmoid", "softplus", "elu", "swish")

    def opt(self, public=None):
        c = self.ctx
        return c.pick(public or optimizer("SGD", 0.1), optimizer("SGD", 0.05, momentum=0.9), optimizer("SGD", 0.1, momentum=0.5, nesterov=True), optimizer("Adam", 0.01),
                      optimizer("RMSprop", 0.01), optimizer("Adagrad", 0.1), optimizer("AdamW", 0.01, weight_decay=0.05))

    def impl(self, public=1):
        return self.ctx.pick(public, 1, 2, 3)

    def weights(self, model, scale=0.5):
        values = []
        for w in model.weights:
            n, shape = short_name(w), tuple(w.shape)
            if "variance" in n or n == "gamma":
                values.append(self.ctx.uniform(shape, 0.5, 1.5, 3))
            else:
                values.append(self.ctx.normal(shape, 0.1 if n in ("bias", "beta", "moving_mean") else scale, 3))
        model.set_weights(values)
        return values

    def samples(self, shape, n):
        return self.ctx.normal((n,) + tuple(shape), 1.0, 3)

    def target(self, shape, loss, n):
        c = self.ctx
        if loss is None:
            return None
        if loss in ("categorical_crossentropy", "CategoricalCrossentropy"):
            return np.eye(shape[-1], dtype=F32)[c.ints((n,) + tuple(shape[:-1]), 0, shape[-1])]
        if loss in ("sparse_categorical_crossentropy", "SparseCategoricalCrossentropy"):
            return c.ints((n,) + tuple(shape[:-1]), 0, shape[-1]).astype(np.int32)
        if loss in ("binary_crossentropy", "BinaryCrossentropy", "hinge"):
            return c.ints((n,) + tuple(shape), 0, 2).astype(F32)
        return self.samples(shape, n)

    # -- one model -----------------------------------------------------------------------------------------------
    def case(self, name, model, loss="mse", rows=(), opt=None, x=None, y=None, n=6, sample_weight=None, given=None, fit=None, save=False, needs=(), note=None,
             same_weights=(), gradients=True, **compiled):
        """`same_weights`: layers that start like the first of them. `fit`: its arguments instead of three steps."""
        spec = {"optimizer": opt or self.opt(), "loss": loss, "loss_weights": compiled.pop("loss_weights", None), "metrics": compiled.pop("metrics", None),
                "weighted_metrics": compiled.pop("weighted_metrics", None)}
        assert not compiled, compiled
        initial = self.weights(model)
        if same_weights:
            first, *others = same_weights
            for other in others:
                model.get_layer(other).set_weights(model.get_layer(first).get_weights())
            initial = model.get_weights()
        inputs = x if x is not None else [self.samples(t.shape[1:], n) for t in model.inputs]
        targets = y if y is not None else [self.target(t.shape[1:], loss_of(spec, i, o), n) for i, (t, o) in enumerate(zip(model.outputs, model.output_names))]
        given = {"x": "one" if len(inputs) == 1 else "list", "y": "one" if len(targets) == 1 else "list", **(given or {})}
        gx, gy = give(inputs, model.input_names, given["x"]), give(targets, model.output_names, given["y"])
        case = {"name": name, "rows": list(rows), "needs": list(needs), **({"note": note} if note else {}), **describe_model(model)}
        if lambdas(model):
            case["lambdas"] = lambdas(model)
            case["needs"].append("lambda")
        case.update(initial_weights=[T(w) for w in initial], given=given, inputs=[T(t) for t in inputs], targets=[None if t is None else T(t) for t in targets],
                    outputs=[T(t) for t in predict(model, gx)], compile=spec, sample_weight=self.told(sample_weight))
        compile_as(model, spec)
        case["gradients"] = self.gradients(model, gx, gy, sample_weight, 0, 3) if gradients and not fit else None
        model.set_weights(initial)
        if fit:
            arguments = {"epochs": 2, "batch_size": 4, **fit}
            told = {k: self.told(v) for k, v in arguments.items()}
            history = model.fit(gx, gy, shuffle=False, verbose=0, sample_weight=sample_weight, **arguments).history
            case["train"] = {"method": "fit", "options": {**told, "shuffle": False}, "history": history}
        else:
            steps = []
            for start in (0, 3, 0):
                weights = {} if sample_weight is None else {"sample_weight": rows_of(sample_weight, start, start + 3)}
                logs = model.train_on_batch(rows_of(gx, start, start + 3), rows_of(gy, start, start + 3), return_dict=True, **weights)
                steps.append({"rows": [start, start + 3], "logs": logs})
            case["train"] = {"method": "train_on_batch", "steps": steps}
        case["evaluate"] = model.evaluate(gx, gy, batch_size=4, verbose=0, return_dict=True, sample_weight=sample_weight)
        case["final_weights"] = [T(w) for w in model.get_weights()]
        case["final_outputs"] = [T(t) for t in predict(model, gx)]
        if save:
            self.save(case, model, gx, gy, sample_weight)
        else:  # the config alone makes the model again
            again = keras.models.model_from_json(model.to_json(), custom_objects=CUSTOM)
            again.set_weights(initial)
            for a, b in zip(predict(again, gx), case["outputs"]):
                assert T(a) == b, name
        self.cases.append(case)
        keras.backend.clear_session()

    def told(self, value):
        if isinstance(value, dict):
            return {k: self.told(v) for k, v in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.told(v) for v in value]
        return T(value) if isinstance(value, np.ndarray) else value

    def gradients(self, model, x, y, sample_weight, start, stop):
        batch = [rows_of(v, start, stop) for v in (x, y, sample_weight)]

        @tf.function
        def run():
            with tf.GradientTape() as tape:
                loss = model.compute_loss(batch[0], self.tensors(batch[1]), model(self.tensors(batch[0]), training=True), self.tensors(batch[2]))
            return tape.gradient(loss, model.trainable_weights, unconnected_gradients="zero")

        found = [T(tf.convert_to_tensor(g)) for g in run()]
        model.reset_metrics()
        return found

    def tensors(self, data):
        return tf.nest.map_structure(lambda t: None if t is None else tf.constant(t), data)

    def save(self, case, model, gx, gy, sample_weight):
        name = case["name"]
        files = {"h5": f"{name}.h5", "keras": f"{name}.keras", "weights_h5": f"{name}.weights.h5", "legacy_weights_h5": f"{name}_legacy_weights.h5"}
        paths = {kind: os.path.join(self.folder, file) for kind, file in files.items()}
        for kind in ("h5", "keras"):
            model.save(paths[kind])
        bare = keras.models.model_from_json(model.to_json(), custom_objects=CUSTOM)
        bare.set_weights(model.get_weights())
        for kind in ("weights_h5", "legacy_weights_h5"):  # not compiled: they hold weights alone
            bare.save_weights(paths[kind])
        fix_dates(paths["keras"])
        resumed, ends = {}, {}
        weights = {} if sample_weight is None else {"sample_weight": rows_of(sample_weight, 0, 3)}
        for kind in ("h5", "keras"):
            loaded = keras.models.load_model(paths[kind], custom_objects=CUSTOM)
            for a, b in zip(predict(loaded, gx), case["final_outputs"]):
                assert T(a) == b, (name, kind)
            resumed[kind] = [loaded.train_on_batch(rows_of(gx, 0, 3), rows_of(gy, 0, 3), return_dict=True, **weights) for _ in range(2)]
            ends[kind] = loaded.get_weights()
        steps = [model.train_on_batch(rows_of(gx, 0, 3), rows_of(gy, 0, 3), return_dict=True, **weights) for _ in range(2)]
        for kind, end in ends.items():  # Keras itself goes on as if nothing had been saved
            for ours, theirs in zip(resumed[kind], steps):
                assert np.allclose(list(ours.values()), list(theirs.values()), atol=1e-6, equal_nan=True), (name, kind, ours, theirs)
            assert all(np.allclose(a, b, atol=1e-6, equal_nan=True) for a, b in zip(end, model.get_weights())), (name, kind)
        case.update(files=files, resumed={"rows": [0, 3], "logs": steps, "final_weights": [T(w) for w in model.get_weights()]})

    # -- several models --------------------------------------------------------------------------------------------
    def script(self, name, models, steps, data, rows=(), needs=(), note=None):
        """`models`: {name: model} in order of making; `steps`: dicts of JSON with op and model; the results are added."""
        seen, told = {}, {}
        for m, model in models.items():
            parts = {}
            for layer in model.layers:
                if id(layer) in seen:
                    parts[layer.name] = seen[id(layer)]
            seen[id(model)] = m
            self.remember(model, m, seen)
            told[m] = {"parts": parts, "object": model}
        for m, model in models.items():
            if not told[m]["parts"]:
                self.weights(model)
        for m, model in models.items():
            parts = told[m]["parts"]
            own = [l for l in model.layers if l.name not in parts and l.weights]
            if parts:
                for layer in own:
                    self.weights(layer)
            told[m] = {**describe_model(model), "parts": parts, "initial_weights": None}
            told[m].pop("summary_expanded", None)
        # a model made of others alone has no weights of its own to tell
        makers = [m for m, model in models.items() if any(l.weights and l.name not in told[m]["parts"] for l in model.layers)]
        for m in makers:
            told[m]["initial_weights"] = [T(w) for w in models[m].get_weights()]
        values, done = dict(data), []
        for step in steps:
            done.append(self.run(models, values, dict(step)))
        self.cases.append({"name": name, "rows": list(rows), "needs": list(needs), **({"note": note} if note else {}), "models": told,
                           "data": {k: T(v) for k, v in data.items()}, "script": done,
                           "final_weights": {m: [T(w) for w in models[m].get_weights()] for m in makers}})
        keras.backend.clear_session()

    def remember(self, model, path, seen):
        for layer in model.layers:
            seen.setdefault(id(layer), f"{path}/{layer.name}")
            if isinstance(layer, keras.Model):
                self.remember(layer, seen[id(layer)], seen)

    def run(self, models, values, step):
        model, op = models[step["model"]], step["op"]
        x, y = ([values[k] for k in step.get(key, [])] for key in ("x", "y"))
        if len(x) == 1:
            x = x[0]
        if len(y) == 1:
            y = y[0]
        if op == "compile":
            compile_as(model, step["compile"])
        elif op == "set_trainable":
            target = model
            for part in (step["layer"] or "").split("/") if step["layer"] else []:
                target = target.get_layer(part)
            target.trainable = step["value"]
            step["trainable_weight_names"] = [w.name for w in model.trainable_weights]
        elif op in ("train_on_batch", "test_on_batch"):
            step["result"] = getattr(model, op)(x, y, return_dict=True)
        elif op == "fit":
            step["result"] = model.fit(x, y, shuffle=False, verbose=0, **step["options"]).history
        elif op == "predict":
            result = predict(model, x)
            for key, value in zip(step.get("as", []), result):
                values[key] = value
            step["result"] = [T(t) for t in result]
        elif op == "get_weights":
            step["result"] = [T(w) for w in model.get_weights()]
        elif op == "copy_weights":  # a target network
            model.set_weights(models[step["from"]].get_weights())
        elif op == "clip_weights":  # Wasserstein critics
            model.set_weights([np.clip(w, -step["limit"], step["limit"]) for w in model.get_weights()])
        else:
            raise ValueError(op)
        return step


def op(name, model, **more):
    return {"op": name, "model": model, **more}


# ---- The cases -------------------------------------------------------------------------------------------------

CCE, SCE, BCE = "categorical_crossentropy", "sparse_categorical_crossentropy", "binary_crossentropy"
inp = lambda *shape, name: keras.Input(shape, name=name)


def merges(g):
    c = g.ctx

    def branches(name, shapes, merge, tie=False, head=True, **kw):
        """Every input through a layer of its own, so that the gradient of each branch shows; then the merge."""
        ins = [inp(*s, name=f"in{i}") for i, s in enumerate(shapes)]
        x = [L.Dense(s[-1], name=f"d{i}")(t) for i, (s, t) in enumerate(zip(shapes, ins))]
        y = merge(x)
        if head:
            y = L.Dense(2, name="head")(L.Flatten(name="flat")(y) if len(y.shape) > 2 else y)
        if tie:
            data = g.samples(shapes[0], 6)
            kw.update(x=[data] * len(shapes), same_weights=[f"d{i}" for i in range(len(shapes))])
        g.case(name, keras.Model(ins, y, name=name), **kw)

    w = g.n(4)
    for cls in ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate"):
        for count in (2,) if cls == "Subtract" else (2, 3):
            branches(f"merge_{cls.lower()}_{count}", [(w,)] * count, getattr(L, cls)(name="merge"))
    branches("merge_maximum_ties", [(w,)] * 3, L.Maximum(name="merge"), tie=True, note="all branches equal: who gets the gradient")
    branches("merge_minimum_ties", [(w,)] * 2, L.Minimum(name="merge"), tie=True, note="all branches equal: who gets the gradient")
    h, v = g.n(3), g.n(2)
    branches("merge_multiply_rank4", [(h, v, 2)] * 2, L.Multiply(name="merge"))
    branches("merge_add_broadcast_sizes", [(h, 1), (1, w), (h, w)], L.Add(name="merge"), note="sizes of 1 broadcast")
    branches("merge_multiply_broadcast_ranks", [(w,), (h, w)], L.Multiply(name="merge"), note="ranks differ: Keras adds axes of 1 after the batch")
    branches("merge_maximum_broadcast", [(h, w), (1, w)], L.Maximum(name="merge"))
    branches("merge_average_broadcast_ranks", [(h, v, w), (v, w), (w,)], L.Average(name="merge"))
    branches("merge_subtract_broadcast", [(h, w), (w,)], L.Subtract(name="merge"))
    for axis, shapes in ((1, [(2, w), (3, w)]), (2, [(h, 2), (h, 3)]), (-2, [(2, 3, w), (2, 1, w)]), (1, [(2, h, v), (1, h, v)]), (3, [(h, v, 2), (h, v, 1)]), (1, [(3,), (w,)])):
        branches(f"merge_concatenate_axis{axis}_rank{len(shapes[0]) + 1}", shapes, L.Concatenate(axis=axis, name="merge"))
    for name, axes, norm, shapes in (("vectors", 1, False, [(w,), (w,)]), ("vectors_normalized", -1, True, [(w,), (w,)]), ("axes_1", 1, False, [(h, 2), (h, 3)]), ("axes_2", 2, False, [(2, w), (3, w)]),
                                     ("axes_1_2", [1, 2], False, [(h, 2), (3, h)]), ("axes_2_1_normalized", [2, 1], True, [(2, w), (w, 3)]), ("rank_3_and_2", [2, 1], False, [(h, w), (w,)])):
        branches(f"merge_dot_{name}", shapes, L.Dot(axes=axes, normalize=norm, name="merge"))
    a = inp(w, name="a")
    t = L.Dense(w, name="d", activation=g.act())(a)
    g.case("merge_same_tensor", keras.Model(a, L.Dense(2, name="head")(L.Multiply(name="m")([t, t, L.Maximum(name="x")([t, t])]))), note="one tensor more than once in a merge")


def shared(g):
    reg = dict(kernel_regularizer=R.L2(0.05), bias_regularizer=R.L1(0.01), activity_regularizer=R.L2(0.02))
    w = g.n(3)
    for calls in (1, 2, 3):
        a, b, d = (inp(w, name=n) for n in "abd")
        s = L.Dense(2, name="s", activation=g.act(), **reg)
        ins = [a, b, d][:calls]
        outs = [s(t) for t in ins]
        y = L.Add(name="sum")(outs) if calls > 1 else outs[0]
        g.case(f"shared_penalties_{calls}_calls", keras.Model(ins, L.Dense(1, name="head")(y)), note="the kernel's penalty counts once, the activity's once a call")
    a = inp(w, name="a")
    s, m = L.Dense(w, name="s", activation="tanh"), L.Dense(w, name="m")
    g.case("shared_at_three_depths", keras.Model(a, s(m(s(L.Dense(w, name="f")(s(a)))))), rows=[82], save=True, opt=optimizer("Adam", 0.01))
    a, b = inp(g.n(6, 5, 8), 2, name="a"), inp(g.n(4, 3, 4), 2, name="b")
    conv = L.Conv1D(3, 2, name="conv", activation="relu")
    pool = L.GlobalAveragePooling1D(name="pool")
    g.case("shared_conv_at_two_shapes", keras.Model([a, b], L.Dense(2, name="head")(L.Concatenate(name="c")([pool(conv(a)), pool(conv(b))]))))
    a, b = inp(5, 5, 1, name="a"), inp(5, 5, 1, name="b")
    lc = L.LocallyConnected2D(2, 3, name="lc", implementation=g.impl(), activation=g.act(), activity_regularizer=R.L1(0.01))
    g.case("shared_locally_connected", keras.Model([a, b], L.Dense(2, name="head")(L.Flatten(name="f")(L.Subtract(name="s")([lc(a), lc(b)])))), save=True, opt=optimizer("SGD", 0.1, momentum=0.9))
    a = inp(g.n(5, 4, 6), 2, name="x")
    bn, d = L.BatchNormalization(name="bn", momentum=0.8), L.Dense(2, name="d")
    g.case("shared_batch_normalization_twice", keras.Model(a, bn(d(bn(a)))), note="moving averages move once a call, in order of the calls")
    # Conv1D and LC1D called at every time step, as in row 82
    a = inp(4, 2, name="state")
    lc, cv = L.LocallyConnected1D(2, 3, name="local"), L.Conv1D(2, 3, padding="same", name="conv", activation="tanh")
    pad = L.ZeroPadding1D(1, name="pad")
    x = a
    for _ in range(3):
        x = cv(lc(pad(x)))
    g.case("row82_cellular_automaton", keras.Model(a, x), rows=[82], opt=optimizer("Adam", 0.02))


def nested(g):
    c, w = g.ctx, g.n(3)

    def inner_sequential(name="inner", bn=True, reg=None):
        return keras.Sequential([inp(w, name=f"{name}_in"), L.Dense(3, name=f"{name}_1", activation=g.act(), kernel_regularizer=reg), *([L.BatchNormalization(name=f"{name}_bn")] if bn else []), L.Dense(2, name=f"{name}_2")], name=name)

    def inner_functional(name="inner"):
        a, b = inp(w, name=f"{name}_a"), inp(2, name=f"{name}_b")
        x = L.Concatenate(name=f"{name}_c")([a, b])
        return keras.Model([a, b], [L.Dense(2, name=f"{name}_u", activation="tanh")(x), L.Dense(1, name=f"{name}_v")(x)], name=name)

    for kind, make in (("sequential", inner_sequential),):
        a = inp(w, name="a")
        g.case(f"nested_{kind}_once", keras.Model(a, L.Dense(1, name="head")(make()(a))), opt=optimizer("Adam", 0.02))
        a, b = inp(w, name="a"), inp(w, name="b")
        m = make(reg="l2")
        g.case(f"nested_{kind}_twice", keras.Model([a, b], L.Dense(1, name="head")(L.Subtract(name="s")([m(a), m(b)]))), save=True, opt=optimizer("SGD", 0.02 if g.ctx.heldout else 0.1, momentum=0.9))
    a, b = inp(w, name="a"), inp(2, name="b")
    m = inner_functional()
    u, v = m([a, b])
    u2, v2 = m([L.Dense(w, name="pre")(a), u])
    g.case("nested_functional_several_inputs_outputs", keras.Model([a, b], [v, L.Add(name="add")([u2, u]), v2], name="top"), loss=["mse", "mae", "mse"], save=True, opt=optimizer("Adam", 0.02))
    a = inp(w, name="a")
    lv2 = inner_sequential("lv2")
    x = inp(w, name="lv1_in")
    lv1 = keras.Model(x, L.Concatenate(name="lv1_c")([lv2(x), L.Dense(2, name="lv1_d", activation="relu")(x)]), name="lv1")
    g.case("nested_two_levels", keras.Model(a, L.Dense(1, name="head")(lv1(a)), name="top"), opt=optimizer("RMSprop", 0.01))
    lv2 = inner_sequential("lv2")
    x = inp(w, name="lv1_in")
    lv1 = keras.Model(x, L.Add(name="lv1_c")([lv2(x), L.Dense(2, name="lv1_d")(x)]), name="lv1")
    a = inp(w, name="a")
    top = keras.Model(a, L.Dense(1, name="head")(lv1(a)), name="top")
    lv2.trainable = False
    g.case("nested_two_levels_inner_frozen", top, save=True, opt=optimizer("Adam", 0.02), note="in .h5 the group of lv1 has its trainable weights first")
    m = inner_sequential(reg=R.L2(0.1))
    m.trainable = False
    a = inp(w, name="a")
    g.case("nested_frozen_with_batch_normalization", keras.Model(a, L.Dense(1, name="head")(m(a))), opt=optimizer("Adam", 0.02), note="the frozen model runs in inference mode; its penalties still count")
    m = inner_sequential()
    m.layers[0].trainable = False
    a = inp(w, name="a")
    g.case("nested_partly_frozen", keras.Model(a, L.Dense(1, name="head")(m(a))), save=True, opt=optimizer("SGD", 0.05, momentum=0.9))
    m = inner_sequential()
    m.layers[1].trainable = False
    a = inp(w, name="a")
    g.case("nested_only_batch_normalization_frozen", keras.Model(a, L.Dense(1, name="head")(m(a))))
    a = inp(w, name="f_in")
    f = keras.Model(a, L.Add(name="f_add")([L.Dense(3, name="f_1", activation=g.act())(a), L.Dense(3, name="f_2")(a)]), name="f")
    g.case("functional_in_sequential", keras.Sequential([f, L.Dense(2, name="head", activation="softmax")], name="outer"), loss=CCE, metrics=["accuracy"], save=True, opt=optimizer("Adam", 0.02))
    g.case("sequential_in_sequential_without_input", keras.Sequential([inp(w, name="a"), keras.Sequential([L.Dense(3, name="i1", activation="relu"), L.Dense(2, name="i2")], name="inner"), L.Dense(1, name="o1")], name="outer"))
    b1, b2 = (keras.Sequential([L.Dense(2, name="d", activation="tanh", input_shape=(w,)), L.Dense(2, name="e")], name=n) for n in ("left", "right"))
    a = inp(w, name="a")
    g.case("nested_equal_inner_names", keras.Model(a, L.Multiply(name="m")([b1(a), b2(a)])), note="Keras can't write an optimizer's state of this model to .h5")
    m = inner_sequential(bn=False)
    a = inp(w, name="a")
    g.case("nested_model_called_at_two_depths", keras.Model(a, m(L.Dense(w, name="back")(m(a)))))
    m = inner_functional()
    a, b = inp(w, name="a"), inp(2, name="b")
    g.case("nested_one_output_unused", keras.Model([a, b], L.Dense(1, name="head")(m([a, b])[0])), note="an inner output that nothing uses")
    # softmax of an inner model: logits remembered through the nesting
    m = keras.Sequential([inp(w, name="i_in"), L.Dense(3, name="i_d", activation="softmax")], name="inner")
    a = inp(w, name="a")
    model = keras.Model(a, m(a), name="outer")
    g.case("nested_softmax_output", model, loss=CCE, metrics=["accuracy", CCE], x=[c.normal((6, w), 40.0, 1)], note="large logits: the loss is computed from logits, also through the nested model")


def several(g):
    """Several inputs and outputs, and everything compile and fit take for them."""
    w = g.n(3)

    def two(out=("p", "q"), units=(1, 3), acts=(None, None)):
        a = inp(w, name="a")
        h = L.Dense(4, name="h", activation=g.act())(a)
        return keras.Model(a, [L.Dense(u, name=o, activation=s)(h) for o, u, s in zip(out, units, acts)], name="two")

    weights = lambda: [g.ctx.uniform((6,), 0, 2, 2), g.ctx.uniform((6,), 0, 2, 2)]
    g.case("outputs_one_loss_for_all", two(), loss="mse", metrics=["mae"], fit={"validation_split": 0.34})
    g.case("outputs_loss_list", two(), loss=["mse", "mae"], loss_weights=[2.0, 0.5], metrics=[["mae"], ["mse", "mae"]], save=True, opt=optimizer("Adam", 0.02))
    g.case("outputs_loss_dict", two(), loss={"q": "mae", "p": "mse"}, loss_weights={"q": g.ctx.num(0.3, 0.1, 3)}, metrics={"q": ["mae", "mse"], "p": "mae"}, given={"y": "dict", "x": "dict"}, save=True, opt=optimizer("SGD", 0.05, momentum=0.9))
    g.case("outputs_flat_metrics_for_all", two(), loss="mse", metrics=["mae", "mse"], loss_weights=[1.0, 3.0], fit={})
    g.case("outputs_mixed_metrics", two(), loss="mse", metrics=["mae", ["mse"]], weighted_metrics={"p": ["mae", "mse"]})
    g.case("outputs_metrics_none_for_one", two(), loss="mse", metrics=[None, ["mae", {"class_name": "RootMeanSquaredError", "config": {}}]])
    g.case("outputs_metric_objects", two(), loss={"p": {"class_name": "Huber", "config": {"delta": 0.5}}, "q": "mse"}, metrics={"p": [{"class_name": "MeanAbsoluteError", "config": {"name": "e"}}], "q": [{"class_name": "MeanSquaredError", "config": {"name": "e"}}]}, fit={"validation_split": 0.5})
    g.case("outputs_without_loss_for_one_dict", two(), loss={"p": "mse"}, metrics={"q": "mae"}, y=[g.samples((1,), 6), g.samples((3,), 6)])
    g.case("outputs_without_loss_for_one_list", two(), loss=["mse", None], loss_weights=[0.5, 4.0], y=[g.samples((1,), 6), None], given={"y": "dict"})
    g.case("outputs_loss_weight_zero", two(), loss="mse", loss_weights=[0.0, 1.0])
    w1, w2 = weights()
    g.case("outputs_sample_weight_list", two(), loss="mse", metrics=["mae"], weighted_metrics=["mae"], sample_weight=[w1, w2], fit={})
    w1, w2 = weights()
    g.case("outputs_sample_weight_dict", two(), loss=["mse", "mae"], loss_weights=[1.0, 0.5], weighted_metrics=["mae"], sample_weight={"p": w1, "q": w2})
    w1, _ = weights()
    g.case("outputs_sample_weight_for_one", two(), loss="mse", weighted_metrics=["mae"], sample_weight={"q": w1})
    w1, _ = weights()
    g.case("outputs_sample_weight_one_array", two(), loss="mse", weighted_metrics=["mae"], sample_weight=w1, note="one array counts for every output")
    w1, w2 = weights()
    g.case("outputs_validation_with_sample_weight", two(), loss="mse", metrics=["mae"], fit={"validation_data": (g.samples((w,), 5), [g.samples((1,), 5), g.samples((3,), 5)], [w1[:5], w2[:5]])})
    g.case("outputs_crossentropies_remember_logits", two(acts=("sigmoid", "softmax")), loss=[BCE, SCE], metrics=["accuracy"], x=[g.ctx.normal((6, w), 40.0, 1)], fit={}, note="large logits")
    g.case("outputs_crossentropies_by_name", two(acts=("sigmoid", "softmax")), loss={"p": BCE, "q": CCE}, metrics={"p": ["accuracy", {"class_name": "AUC", "config": {}}], "q": ["accuracy"]}, loss_weights={"p": 0.2}, fit={"validation_split": 0.34})
    a = inp(w, name="a")
    t = L.Dense(2, name="p", activation="tanh")(a)
    g.case("outputs_same_tensor_twice", keras.Model(a, [t, t]), loss=["mse", "mae"], metrics=["mae"])
    a = inp(w, name="a")
    h = L.Dense(3, name="h", activation="softplus")(a)
    g.case("outputs_intermediate_tensor", keras.Model(a, [L.Dense(1, name="p")(h), h]), loss={"p": "mse", "h": "mae"}, loss_weights={"h": 0.1})
    a = inp(w, name="a")
    g.case("outputs_an_input", keras.Model(a, [a, L.Dense(2, name="p")(a)]), loss="mse", metrics=["mae"])
    a = inp(w, name="a")
    s = L.Dense(w, name="p", activation="tanh")
    g.case("outputs_of_a_shared_layer", keras.Model(a, [s(a), s(s(a))]), loss={"p": "mse", "p_1": "mae"}, metrics=["mae"])
    a = inp(w, name="a")
    p, p1 = L.Dense(w, name="p"), L.Dense(2, name="p_1")
    g.case("outputs_names_that_clash", keras.Model(a, [p(a), p(p(a)), p1(a)]), loss="mse", metrics=["mae"])
    a = inp(w, name="a")
    t = L.Dense(3, name="logits")(a)
    sm = L.Softmax(name="sm")(t)
    g.case("outputs_softmax_and_its_logits", keras.Model(a, [sm, t]), loss=[CCE, "mse"], loss_weights=[1.0, 0.25], note="the gradient of the output and that of the logits meet")
    a = inp(w, name="a")
    d = L.Dense(3, name="d", activation="softmax")(a)
    g.case("outputs_softmax_used_again", keras.Model(a, [d, L.Dense(1, name="e")(d)]), loss=[CCE, "mse"], metrics=[["accuracy"], []], note="a softmax output that feeds another layer")
    a = inp(w, name="a")
    d = L.Dense(3, name="d", activation="sigmoid", activity_regularizer=R.L2(0.05))(a)
    g.case("outputs_same_softmax_two_losses", keras.Model(a, [d, d]), loss=[BCE, "mse"], metrics=["mae"])
    a, b, d = inp(w, name="a"), inp(2, 2, name="b"), inp(1, name="d")
    x = L.Concatenate(name="c")([L.Dense(2, name="da")(a), L.Flatten(name="f")(b), d])
    g.case("inputs_three_of_different_shapes", keras.Model([b, d, a], L.Dense(2, name="head", activation="softmax")(x)), loss=SCE, metrics=["accuracy"], given={"x": "dict"}, fit={"validation_split": 0.34}, save=True, opt=optimizer("Adam", 0.02))
    a, b = inp(w, name="a"), inp(2, name="b")
    g.case("inputs_one_unused", keras.Model([a, b], L.Dense(2, name="d")(a)))
    a, i = inp(w, name="a"), keras.Input((3,), dtype="int32", name="i")
    x = L.Concatenate(name="c")([a, L.Flatten(name="f")(L.Embedding(5, 2, name="e")(i))])
    g.case("inputs_integer_and_float", keras.Model([a, i], L.Dense(1, name="head", activation="sigmoid")(x)), loss=BCE, x=[g.samples((w,), 6), g.ctx.ints((6, 3), 0, 5).astype(np.int32)])


def orders(g):
    """Graphs whose layers Keras doesn't keep in order of making."""
    w = g.n(3)
    a, b = inp(w, name="a"), inp(w, name="b")
    d3 = L.Dense(2, name="d3")(a)
    d2 = L.Dense(2, name="d2")(L.Dense(2, name="d1")(b))
    g.case("order_by_depth", keras.Model([a, b], L.Add(name="s")([d3, d2])), save=True, opt=optimizer("Adam", 0.02))
    a, b = inp(w, name="a"), inp(w, name="b")
    d3, d1, d2, dn = (L.Dense(2, name=n) for n in ("d3", "d1", "d2", "dn"))
    x1, x2 = d3(a), d1(b)
    g.case("order_of_two_outputs", keras.Model([a, b], [dn(L.Concatenate(name="c")([x2, x1])), d2(x2)]))
    a = inp(w, name="a")
    short = L.Dense(2, name="short")(a)
    long = a
    for i in range(3):
        long = L.Dense(w, name=f"long{i}", activation="tanh")(long)
    g.case("order_long_and_short_way", keras.Model(a, L.Concatenate(name="c")([short, long, a])))
    for k in range(8 if not g.ctx.heldout else 30):
        model, note = random_graph(g, k)
        if g.ctx.heldout:  # without the calls that no output needs, which summary counts and configs don't
            model = keras.Model.from_config(model.get_config(), custom_objects=CUSTOM)
        g.case(f"random_graph_{k}", model, loss="mse", note=note, metrics=["mae"] if k % 2 else None, fit={} if k % 4 == 3 else None)


def random_graph(g, k):
    """A random graph of layers of one width: new and shared layers, merges, nested models, several ends."""
    rng, width = g.ctx.rng, int(g.ctx.rng.integers(2, 5))
    pick = lambda items: items[int(rng.integers(len(items)))]
    ins = [inp(width, name=f"in{i}") for i in range(int(rng.integers(1, 4)))]
    tensors, layers, order = list(ins), [], list(rng.permutation(12))
    for i in range(int(rng.integers(5, 11))):
        name = f"n{order[i]}"
        kind = pick(["dense", "dense", "shared", "merge", "merge", "norm", "nested", "concat"])
        if kind == "shared" and not layers:
            kind = "dense"
        if kind == "dense":
            layers.append(L.Dense(width, name=name, activation=pick(["tanh", "sigmoid", None, "softplus"]), activity_regularizer=pick([None, None, R.L2(0.01)]), kernel_regularizer=pick([None, R.L1(0.01)])))
            tensors.append(layers[-1](pick(tensors)))
        elif kind == "shared":
            tensors.append(pick(layers)(pick(tensors)))
        elif kind == "norm":
            layers.append(L.BatchNormalization(name=name, momentum=0.9))
            tensors.append(layers[-1](pick(tensors)))
        elif kind == "nested":
            t = inp(width, name=f"{name}_in")
            u = L.Dense(width, name=f"{name}_a", activation="tanh")(t)
            layers.append(keras.Model(t, L.Add(name=f"{name}_add")([u, t]) if rng.integers(2) else u, name=name))
            layers[-1].trainable = bool(rng.integers(3))
            tensors.append(layers[-1](pick(tensors)))
        elif kind == "merge":
            cls = pick(["Add", "Multiply", "Average", "Maximum", "Minimum", "Subtract"])
            tensors.append(getattr(L, cls)(name=name)([pick(tensors) for _ in range(2 if cls == "Subtract" else int(rng.integers(2, 4)))]))
        else:
            tensors.append(L.Dense(width, name=name)(L.Concatenate(name=f"{name}_c")([pick(tensors), pick(tensors)])))
    ends = [tensors[-1]] + [pick(tensors) for _ in range(int(rng.integers(0, 3)))]
    ends = [ends[i] for i in rng.permutation(len(ends))]
    return keras.Model(ins, ends if len(ends) > 1 else ends[0], name=f"random_{k}"), f"{len(tensors)} tensors, {len(ends)} ends"


def distributed(g):
    c, t = g.ctx, g.n(3, 2, 4)

    def time(name, inner, shape, loss="mse", **kw):
        a = inp(t, *shape, name="a")
        y = L.TimeDistributed(inner, name="td")(a)
        g.case(f"time_distributed_{name}", keras.Model(a, L.Dense(2, name="head")(L.Flatten(name="flat")(y))), loss=loss, **kw)

    time("dense", L.Dense(2, name="in", activation=g.act(), kernel_regularizer="l2", activity_regularizer=R.L2(0.1)), (3,), opt=optimizer("Adam", 0.02), note="the activity penalty is divided by batch · time")
    time("conv2d", L.Conv2D(2, 2, name="in", activation="relu"), (4, 3, 1))
    time("conv1d", L.Conv1D(2, 2, name="in", padding="same", strides=c.pick(2, 1)), (4, 2))
    time("locally_connected_1d", L.LocallyConnected1D(2, 2, name="in", implementation=g.impl()), (4, 2))
    time("locally_connected_2d", L.LocallyConnected2D(2, 2, name="in", implementation=g.impl(), activation=g.act()), (3, 4, 1))
    time("flatten", L.Flatten(name="in"), (2, 3))
    time("max_pooling_2d", L.MaxPooling2D(2, name="in"), (4, 4, 2))
    time("batch_normalization", L.BatchNormalization(name="in", momentum=0.8), (3,))
    time("sequential", keras.Sequential([L.LocallyConnected1D(2, 2, name="q"), L.BatchNormalization(name="bn"), L.Flatten(name="fl"), L.Dense(2, name="dd", activation="tanh")], name="in"), (4, 2), save=True, opt=optimizer("Adam", 0.02))
    frozen = L.Dense(2, name="in")
    a = inp(t, 3, name="a")
    td = L.TimeDistributed(frozen, name="td")
    y = td(a)
    td.trainable = False
    g.case("time_distributed_frozen", keras.Model(a, L.Dense(1, name="head")(y)))
    a, b = inp(t, 3, name="a"), inp(t + 1, 3, name="b")
    td = L.TimeDistributed(L.Dense(2, name="in", activation="tanh"), name="td")
    pool = L.GlobalAveragePooling1D(name="pool")
    g.case("time_distributed_shared", keras.Model([a, b], L.Dense(1, name="head")(L.Multiply(name="m")([pool(td(a)), pool(td(b))]))))
    a = inp(2, t, 3, name="a")
    g.case("time_distributed_twice_nested", keras.Model(a, L.Flatten(name="f")(L.TimeDistributed(L.TimeDistributed(L.Dense(2, name="in"), name="td_in"), name="td")(a))))
    # a layer as activation
    for name, layer in (("leaky_relu", lambda: L.LeakyReLU(0.1, name="leaky")), ("relu_max", lambda: L.ReLU(max_value=1.0, negative_slope=0.1, name="re")), ("prelu", lambda: L.PReLU(name="pr")), ("elu", lambda: L.ELU(0.5, name="el"))):
        a = inp(5, 5, 1, name="a")
        x = L.Conv2D(2, 2, activation=layer(), name="conv")(a)
        g.case(f"layer_as_activation_{name}", keras.Model(a, L.Dense(1, name="head")(L.Flatten(name="f")(L.LocallyConnected2D(1, 2, name="lc")(x)))), save=name in ("leaky_relu",), opt=optimizer("SGD", 0.05, momentum=0.9))
    a = inp(4, name="a")
    g.case("layer_as_activation_softmax", keras.Model(a, L.Dense(3, activation=L.Softmax(name="sm"), name="d")(a)), loss=CCE, x=[c.normal((6, 4), 40.0, 1)], note="logits are remembered")
    g.case("layer_as_activation_in_sequential", keras.Sequential([inp(5, 5, 1, name="a"), L.LocallyConnected2D(2, 3, activation=L.LeakyReLU(0.2, name="leaky"), name="lc", implementation=g.impl(2)), L.Flatten(name="f"), L.Dense(1, name="d")], name="seq"))
    # Conv1DTranspose
    for strides, padding, k, dilation in ((1, "valid", 3, 1), (2, "valid", 3, 1), (2, "same", 3, 1), (3, "same", 2, 1), (3, "valid", 2, 1), (1, "same", 4, 1)):
        k = c.pick(k, 1, 2, 3, 4)
        a = inp(g.n(4), 2, name="a")
        g.case(f"conv1d_transpose_strides{strides}_{padding}", keras.Model(a, L.Conv1DTranspose(3, k, strides=strides, padding=padding, dilation_rate=dilation, use_bias=strides != 3, activation=g.act(), name="t")(a)), save=(strides, padding) == (2, "same"), opt=optimizer("Adam", 0.02))


def residual(g):
    c = g.ctx
    a = inp(6, 6, 2, name="a")
    x = a
    for i in range(2):
        y = L.BatchNormalization(name=f"bn{i}")(L.Conv2D(2, 3, padding="same", use_bias=False, name=f"conv{i}")(x))
        x = L.Activation("relu", name=f"act{i}")(L.Add(name=f"add{i}")([x, y]))
    y = L.LocallyConnected2D(2, 3, name="lc", implementation=g.impl())(x)
    g.case("residual_blocks_batch_normalization", keras.Model(a, L.Dense(3, activation="softmax", name="head")(L.GlobalAveragePooling2D(name="gap")(y))), loss=CCE, metrics=["accuracy"], opt=optimizer("SGD", 0.05, momentum=0.9))
    a = inp(6, 2, name="a")
    y = L.LocallyConnected1D(2, 3, padding="same", implementation=2, activation=g.act(), name="lc")(a)
    g.case("residual_locally_connected_same", keras.Model(a, L.Dense(1, name="head")(L.Flatten(name="f")(L.Add(name="add")([a, y])))))
    a = inp(5, 5, 2, name="a")
    s = L.Dense(2, activation="sigmoid", name="gate")(L.Dense(1, activation="relu", name="squeeze")(L.GlobalAveragePooling2D(name="gap")(a)))
    y = L.Multiply(name="scale")([a, L.Reshape((1, 1, 2), name="r")(s)])
    g.case("squeeze_and_excite", keras.Model(a, L.Dense(1, name="head")(L.Flatten(name="f")(L.LocallyConnected2D(1, 3, name="lc", implementation=g.impl())(y)))))
    a, b = inp(6, 6, 1, name="left"), inp(6, 6, 1, name="right")
    t = inp(6, 6, 1, name="img")
    tower = keras.Model(t, L.Dense(3, name="code")(L.Flatten(name="fl")(L.LocallyConnected2D(2, 3, strides=2, activation="tanh", name="lc", implementation=g.impl())(t))), name="tower")
    g.case("siamese_dot_normalized", keras.Model([a, b], L.Dense(1, activation="sigmoid", name="same")(L.Dot(axes=1, normalize=True, name="cosine")([tower(a), tower(b)]))), loss=BCE, metrics=["accuracy"])
    a, b = inp(6, 6, 1, name="left"), inp(6, 6, 1, name="right")
    tower = keras.Sequential([inp(6, 6, 1, name="img"), L.LocallyConnected2D(1, 3, name="lc"), L.Flatten(name="fl"), L.Dense(2, name="code")], name="tower")
    d = L.Subtract(name="diff")([tower(a), tower(b)])
    g.case("siamese_squared_distance", keras.Model([a, b], L.Dense(1, activation="sigmoid", name="same")(L.Multiply(name="sq")([d, d]))), loss=BCE)


def published(g):
    """Rows of the list of public models, at small sizes. Dropout and GaussianNoise have rate 0: no fixture can hold their draws."""
    c = g.ctx
    drop = lambda name="drop": L.Dropout(0.0, name=name)
    lc2 = lambda f, k, name, **kw: L.LocallyConnected2D(f, k, name=name, implementation=kw.pop("implementation", 1), **kw)
    lc1 = lambda f, k, name, **kw: L.LocallyConnected1D(f, k, name=name, implementation=kw.pop("implementation", 1), **kw)
    flat = lambda name="flat": L.Flatten(name=name)
    softmax = lambda k, name="head": L.Dense(k, activation="softmax", name=name)
    acc = ["accuracy"]

    a = inp(7, 5, 1, name="spectrum")
    x = L.Activation("relu", name="r1")(L.BatchNormalization(name="bn1")(L.Conv2D(2, 3, padding="same", name="c1")(a)))
    y = L.BatchNormalization(name="bn2")(L.Conv2D(2, 3, name="c2")(L.ZeroPadding2D(1, name="pad")(x)))
    x = drop()(L.Activation("relu", name="r2")(L.Add(name="add")([y, x])))
    g.case("row6_isotope_net", keras.Model(a, softmax(3)(flat()(lc2(2, 3, "lc")(x)))), loss=CCE, metrics=acc, rows=[6])

    a, v = inp(6, 3, name="input"), inp(6, 1, name="value_input")
    sig = L.TimeDistributed(L.Dense(2, activation="sigmoid", name="sig_in"), name="sig")(L.Conv1D(2, 3, padding="same", activation=L.LeakyReLU(0.1, name="lr"), name="sigconv")(a))
    off = L.Conv1D(2, 1, padding="same", name="off")(a)
    value = L.Add(name="value")([L.Concatenate(name="vv")([v, v]), off])
    out = L.Multiply(name="weighted")([value, L.Permute((2, 1), name="p2")(L.Permute((2, 1), name="p1")(sig))])
    main = L.Lambda(first_step, name="last")(L.LocallyConnected1D(1, 6, name="lc")(out))
    g.case("row7_significance_offset_network", keras.Model([a, v], [main, value]), loss=["mse", "mse"], loss_weights=[1.0, 0.1], rows=[7], opt=optimizer("Adam", 0.01, clipnorm=1.0))

    a = inp(6, 2, name="tokens")
    body = keras.Sequential([inp(6, 2, name="b_in"), lc1(3, 2, "b_lc", activation="selu"), L.AlphaDropout(0.0, name="b_drop"), flat("b_flat")], name="body")(a)
    heads = [keras.Sequential([L.Dense(3, activation="selu", name=f"h{i}_1"), softmax(k, f"h{i}_2")], name=f"head_{i}")(body) for i, k in enumerate((2, 3, 4))]
    g.case("row17_one_head_per_label", keras.Model(a, heads), loss=[CCE, CCE, CCE], metrics=acc, rows=[17], save=True, opt=optimizer("Adam", 0.01))

    a, b = inp(6, 2, name="first"), inp(6, 2, name="second")
    net = keras.Sequential([inp(6, 2, name="net_in"), lc1(2, 3, "net_lc", activation="relu"), flat("net_flat"), L.Dense(3, activation="sigmoid", name="net_d")], name="net")
    g.case("row32_siamese_absolute_difference", keras.Model([a, b], L.Dense(1, activation="sigmoid", name="same")(L.Lambda(abs_difference, name="distance")([net(a), net(b)]))), loss=BCE, metrics=acc, rows=[32], save=True, opt=optimizer("Adam", 0.01))

    t = inp(8, 8, 3, name="image")
    x = L.MaxPooling2D(2, name="block1_pool")(L.Conv2D(2, 3, padding="same", activation="relu", name="block1_conv")(t))
    base = keras.Model(t, L.Conv2D(3, 3, padding="same", activation="relu", name="block2_conv")(x), name="vgg16")
    base.trainable = False
    g.case("row59_pretrained_base_in_sequential", keras.Sequential([base, L.BatchNormalization(name="bn"), lc2(2, 2, "lc", activation="relu"), flat(), L.Dense(3, activation="relu", name="d1"), drop(), L.Dense(1, activation="sigmoid", name="d2")], name="xray"),
           loss=BCE, metrics=acc, rows=[59], save=True, opt={"class_name": "Adam", "config": {"learning_rate": {"class_name": "InverseTimeDecay", "config": {"initial_learning_rate": 0.02, "decay_steps": 1, "decay_rate": 0.5}}}})

    t = inp(6, 6, 1, name="big")
    frozen = keras.Model(t, L.Dense(3, name="logits")(flat()(L.Conv2D(2, 3, activation="relu", name="conv")(t))), name="frozen")
    frozen.trainable = False
    g.case("row60_adversarial_reprogramming", keras.Sequential([inp(3, 3, 1, name="small"), L.ZeroPadding2D(((1, 2), (2, 1)), name="pad"), lc2(1, 1, "program", use_bias=True), L.Activation("tanh", name="tanh"), frozen], name="reprogrammed"),
           loss={"class_name": "CategoricalCrossentropy", "config": {"from_logits": True}}, rows=[60])

    a = inp(8, 8, 1, name="image")
    lr = lambda i: L.LeakyReLU(0.1, name=f"leaky{i}")
    x = L.MaxPooling2D(2, name="pool")(L.Conv2D(2, 3, padding="same", activation=lr(1), name="conv1")(a))
    x = L.Conv2D(2, 1, activation=lr(2), name="conv2")(x)
    x = L.Dense(12, name="out", activation="linear")(drop()(L.Dense(4, activation=lr(4), name="d1")(flat()(lc2(2, 3, "lc", activation=lr(3))(x)))))
    g.case("row77_yolo_activation_objects", keras.Model(a, YoloReshape(2, name="yolo")(x)), rows=[77], needs=["layer:YoloReshape"], note="YoloReshape(grid): reshapes [n] to [grid, grid, n / grid²]")

    a = inp(4, 2, name="noise")
    x = L.LeakyReLU(0.2, name="l1")(L.Conv1DTranspose(3, 4, strides=2, padding="same", name="up1")(a))
    x = L.AveragePooling1D(2, name="ap")(drop()(L.Conv1DTranspose(2, 3, strides=2, padding="same", activation="tanh", name="up2")(x)))
    g.case("row81_time_series_generator", keras.Model(a, lc1(1, 3, "lc")(x)), rows=[81], opt=optimizer("Adam", 0.01))

    a = inp(8, 2, name="signal")
    x = L.GaussianNoise(0.0, name="noise")(a)
    for i in range(2):
        y = L.LeakyReLU(0.1, name=f"l{i}")(L.BatchNormalization(name=f"bn{i}")(L.Conv1D(2, 3, padding="same", name=f"c{i}")(x)))
        x = L.Add(name=f"add{i}")([x, y])
    g.case("row83_faces_from_signals", keras.Model(a, softmax(3)(drop()(L.Dense(4, activation="relu", name="d")(flat()(lc1(2, 3, "lc")(x)))))), loss=CCE, metrics=acc, rows=[83], opt=optimizer("SGD", 0.05, momentum=0.9))

    a = inp(12, name="x")
    x = L.Reshape((4, 3), name="r")(a)
    y = L.Add(name="add")([L.Dense(4, name="d1", activation="relu")(flat("f1")(lc1(2, 2, "lc1")(x))), L.Dense(4, name="d2", activation="relu")(flat("f2")(lc1(2, 3, "lc2")(x)))])
    g.case("row84_two_local_ways", keras.Model(a, softmax(3)(drop()(y))), loss=CCE, metrics=acc, rows=[84], opt=optimizer("Adam", 0.01))

    a = inp(16, name="x")
    x = L.Reshape((4, 4, 1), name="r")(a)
    u, v = (L.Dense(4, name=f"d{i}", activation=s)(flat(f"f{i}")(lc2(1, 2, f"lc{i}")(x))) for i, s in ((1, "tanh"), (2, "sigmoid")))
    y = L.Add(name="add")([L.Multiply(name="gate")([u, v]), u])
    g.case("row85_gated_local_ways", keras.Model(a, softmax(3)(drop()(y))), loss=CCE, metrics=acc, rows=[85], opt=optimizer("Adam", 0.01))

    a = inp(6, 6, 1, name="x")
    n0 = L.Conv2D(2, 3, padding="same", name="n0")(a)
    n1, n2 = (L.Activation("relu", name=f"r{i}")(L.BatchNormalization(name=f"bn{i}")(L.Conv2D(2, k, padding="same", name=f"n{i}")(n0))) for i, k in ((1, 3), (2, 1)))
    n3 = L.Add(name="n3")([n0, n1, n2])
    n4 = L.MaxPooling2D(2, name="n4")(L.Add(name="n4a")([n3, n1]))
    g.case("row86_random_wiring", keras.Model(a, softmax(3)(flat()(lc2(2, 2, "lc")(n4)))), loss=CCE, rows=[86])

    a = inp(20, name="frame")
    x = L.Reshape((5, 4, 1), name="r")(a)
    x = L.BatchNormalization(name="bn")(L.LocallyConnected2D(2, 2, padding="same", implementation=3, name="lc1")(x))
    y = L.LocallyConnected2D(2, 3, padding="same", implementation=3, activation="relu", name="lc2")(x)
    g.case("row87_local_residual_blocks", keras.Model(a, L.Dense(2, name="head")(flat()(L.MaxPooling2D(2, name="pool")(L.Add(name="add")([x, y]))))), rows=[87], opt=optimizer("Adam", 0.01))

    a = inp(6, 6, 2, name="x")
    y = L.Conv2D(2, 3, padding="same", activation="relu", name="c1")(a)
    y = L.Add(name="add")([a, L.Conv2D(2, 3, padding="same", name="c2")(y)])
    g.case("row88_conv_residual_then_local", keras.Model(a, softmax(3)(flat()(lc2(1, 3, "lc", activation="relu", strides=2)(y)))), loss=CCE, rows=[88])

    a = inp(8, 2, name="snps")
    x = lc1(2, 3, "lc")(L.ZeroPadding1D(1, name="pad")(a))
    y = L.Add(name="add")([x, L.Conv1D(2, 3, padding="same", name="conv")(x)])
    g.case("row89_residual_genomics", keras.Model(a, L.Dense(1, name="head")(drop()(flat()(y)))), rows=[89], opt=optimizer("SGD", 0.01))

    a = inp(4, 4, 1, name="x")
    x = L.UpSampling2D(2, name="up")(a)
    u, v = (L.LeakyReLU(0.1, name=f"l{i}")(L.BatchNormalization(name=f"bn{i}")(L.Conv2D(1, 3, padding="same", name=f"c{i}")(x))) for i in (1, 2))
    y = L.Multiply(name="mul")([L.Average(name="avg")([u, v]), L.Lambda(half, name="half")(L.Add(name="add")([u, x]))])
    g.case("row90_average_add_multiply_lambda", keras.Model(a, L.Dense(1, name="head")(flat()(lc2(1, 3, "lc", strides=2)(y)))), rows=[90])

    a = inp(5, 5, 1, name="board")
    x = L.Concatenate(name="cat")([L.Conv2D(2, 3, padding="same", activation="relu", name="conv")(a), L.LocallyConnected2D(1, 3, padding="same", implementation=2, name="lc")(a), L.Lambda(square, name="sq")(a)])
    g.case("row91_game_of_life", keras.Model(a, L.Conv2D(1, 1, activation="sigmoid", name="next")(L.AveragePooling2D(2, strides=1, padding="same", name="ap")(x))), loss=BCE, metrics=["mae"], rows=[91])

    a, b = inp(8, name="raw"), inp(4, name="count")
    x = L.BatchNormalization(name="bn1")(a)
    x = flat()(lc1(2, 1, "lc", activation="relu")(L.Reshape((8, 1), name="r")(x)))
    y = L.Dense(2, activation="relu", name="d1")(L.BatchNormalization(name="bn2")(b))
    g.case("row92_santander", keras.Model([a, b], L.Dense(1, activation="sigmoid", name="head")(drop()(L.Concatenate(name="cat")([x, y])))), loss=BCE, rows=[92], metrics=[{"class_name": "AUC", "config": {}}], opt=optimizer("Adam", 0.01))

    ins = [inp(4, name=f"name{i}") for i in range(4)]
    x = L.Concatenate(name="cat")([L.Rescaling(0.5, offset=-1.0, name=f"rescale{i}")(t) for i, t in enumerate(ins)])
    g.case("row95_name_matching", keras.Model(ins, L.Dense(1, activation="sigmoid", name="head")(flat()(lc1(2, 4, "lc", strides=4)(L.Reshape((16, 1), name="r")(x))))), loss=BCE, rows=[95])

    ins = [inp(4, 4, k, name=n) for n, k in (("pawns", 1), ("pieces", 2), ("kings", 1))]
    x = L.Concatenate(name="cat")([L.BatchNormalization(name=f"bn{i}")(L.Conv2D(2, 2, name=f"c{i}")(t)) for i, t in enumerate(ins)])
    g.case("row96_chess", keras.Model(ins, L.Dense(1, activation="tanh", name="value")(flat()(lc2(2, 2, "lc", activation="relu")(x)))), rows=[96])

    ins = [inp(4, 4, 1, name=n) for n in ("me", "you")] + [inp(2, name="turn")]
    body = keras.Sequential([inp(4, 4, 1, name="body_in"), lc2(2, 3, "body_lc", activation="relu"), flat("body_flat")], name="body")
    eye = keras.Sequential([inp(8, name="eye_in"), L.Dense(3, activation="tanh", name="eye_d")], name="eye")
    x = L.Concatenate(name="merged")([eye(body(ins[0])), eye(body(ins[1])), ins[2]])
    g.case("row98_reversi", keras.Model(ins, [softmax(4, "policy")(x), L.Dense(1, name="value")(x)]), loss=[CCE, "mse"], metrics={"policy": "accuracy"}, rows=[98], opt=optimizer("Adam", 0.01))

    a, b = inp(6, 4, 1, name="peptide"), inp(4, 4, 1, name="allele")
    u = L.LeakyReLU(0.2, name="l1")(L.BatchNormalization(name="bn1")(L.Conv2D(2, (3, 4), name="c1")(L.ZeroPadding2D(((1, 1), (0, 0)), name="pad")(a))))
    v = lc2(2, (2, 4), "lc", activation="relu")(b)
    x = L.Concatenate(name="cat")([flat("f1")(u), flat("f2")(v)])
    g.case("row99_peptide_binding", keras.Model([a, b], [L.Dense(1, activation="sigmoid", name="affinity")(x), L.Dense(1, activation="sigmoid", name="ligand")(x)]), loss={"affinity": "mse", "ligand": BCE}, metrics={"ligand": "accuracy"}, rows=[99], fit={"validation_split": 0.34})

    a, z = inp(4, 4, 1, name="data"), inp(3, name="noise")
    enc = keras.Sequential([inp(4, 4, 1, name="e_in"), lc2(2, 2, "e_lc", activation="relu"), flat("e_flat"), L.Dense(3, name="e_mu")], name="encoder")
    basis = L.Reshape((3, 2), name="basis_r")(L.Dense(6, name="basis")(z))
    out = L.Dot(axes=1, name="dot")([enc(a), basis])
    g.case("row104_adversarial_variational_bayes", keras.Model([a, z], L.Dense(16, activation="sigmoid", name="rec")(L.Dense(4, activation="relu", name="d")(out))), loss=BCE, rows=[104])

    a, b = inp(8, 2, name="audio"), inp(8, 1, name="difficulty")
    x = L.Concatenate(name="pools")([L.MaxPooling1D(2, strides=1, padding="same", name="mp")(a), L.AveragePooling1D(2, strides=1, padding="same", name="ap")(a), b])
    g.case("row105_beat_maps", keras.Model([a, b], L.Dense(1, activation="sigmoid", name="note")(lc1(3, 3, "lc", activation="relu")(L.Lambda(crop_ends, name="crop")(x)))), loss=BCE, rows=[105])

    a = inp(6, 4, name="sensors")
    x = L.Concatenate(axis=-1, name="cat")([L.Lambda(left_half, name="slice")(a), L.Conv1D(2, 3, padding="same", name="conv")(a)])
    y = L.Dot(axes=(2, 2), name="dot")([x, lc1(4, 1, "lc", activation="tanh")(x)])
    g.case("row106_sensors_dot", keras.Model(a, L.Dense(2, name="head")(flat()(y))), rows=[106], opt=optimizer("SGD", 0.005))

    a = inp(3, 6, 2, name="bars")
    x = L.TimeDistributed(L.LocallyConnected1D(2, 3, activation=L.LeakyReLU(0.2, name="leaky"), name="lc"), name="td")(a)
    x = L.TimeDistributed(flat("fl"), name="tdf")(x)
    y = L.Concatenate(name="cat")([x, L.TimeDistributed(L.Dense(2, name="de"), name="tdd")(x)])
    g.case("row108_music_critic", keras.Model(a, [L.Dense(1, activation="sigmoid", name="real")(flat("f1")(y)), softmax(3, "style")(L.GlobalAveragePooling1D(name="gap")(y))]), loss=[BCE, SCE], loss_weights=[1.0, 0.5], rows=[108], opt=optimizer("Adam", 0.01))

    a = inp(5, name="features")
    x = L.Reshape((5, 1, 1), name="r1")(a)
    beta = lc2(2, (3, 1), "lc", activation="tanh")(L.ZeroPadding2D(((1, 1), (0, 0)), name="pad")(x))
    beta = L.Reshape((5, 2), name="r2")(beta)
    beta = L.TimeDistributed(L.Dense(1, name="b_in"), name="betas")(beta)
    terms = L.Multiply(name="terms")([L.Permute((2, 1), name="perm")(beta), L.Reshape((1, 5), name="r3")(a)])
    g.case("row110_local_glm_net", keras.Model(a, L.Activation("exponential", name="exp")(L.Lambda(sum_of_last, name="sum")(terms))), loss="poisson", rows=[110], y=[g.ctx.ints((6, 1, 1), 0, 4).astype(F32)])

    t = inp(8, 8, 1, name="image")
    pre = keras.Model(t, L.MaxPooling2D(2, name="p_pool")(L.Conv2D(3, 3, padding="same", activation="relu", name="p_conv")(t)), name="pretrained")
    pre.trainable = False
    for row, joined in ((111, False), (112, True)):
        a = inp(8, 8, 1, name="xray")
        f = pre(a)
        bn = L.BatchNormalization(name="bn")(f)
        mask = lc2(1, 1, "lc", activation="sigmoid")(L.Conv2D(2, 1, activation="relu", name="attn1")(bn))
        mask = L.Conv2D(3, 1, use_bias=False, trainable=False, name="up")(mask)
        gap = L.GlobalAveragePooling2D(name="gap")
        pooled = L.Lambda(ratio, name="rescale")([gap(L.Multiply(name="mul")([mask, bn])), L.Lambda(plus_one, name="plus")(gap(mask))])
        if joined:
            pooled = L.Concatenate(name="cat")([pooled, L.GlobalAveragePooling2D(name="gap2")(f)])
        g.case(f"row{row}_attention_on_a_frozen_base", keras.Model(a, softmax(3)(drop()(pooled))), loss=CCE, metrics=acc, rows=[row])
        t = inp(8, 8, 1, name="image")
        pre = keras.Model(t, L.MaxPooling2D(2, name="p_pool")(L.Conv2D(3, 3, padding="same", activation="relu", name="p_conv")(t)), name="pretrained")
        pre.trainable = False

    a = inp(4, 2, name="trips")
    g.case("row79_temporal_padding", keras.Model(a, L.Dense(1, name="head")(flat()(lc1(2, 2, "lc", activation="relu")(L.Lambda(pad_front, name="pad")(a))))), rows=[79], opt=optimizer("RMSprop", 0.01))
    a = inp(6, name="predictions")
    x = lc1(1, 3, "lc")(L.Lambda(expand_last, name="expand")(a))
    g.case("row80_stacker", keras.Model(a, L.Activation("sigmoid", name="sig")(L.Lambda(mean_of_steps, name="mean")(x))), loss=BCE, rows=[80])


def scripts(g):
    c = g.ctx
    lc2 = lambda f, k, name, **kw: L.LocallyConnected2D(f, k, name=name, **kw)
    spec = lambda o, loss, **kw: {"optimizer": o, "loss": loss, **kw}
    seq = lambda name, *layers: keras.Sequential(list(layers), name=name)
    adam, sgd, rms = optimizer("Adam", 0.02, beta_1=0.5), optimizer("SGD", 0.1), optimizer("RMSprop", 0.01)
    ones, zeros = np.ones((4, 1), F32), np.zeros((4, 1), F32)
    z = g.n(3)

    def generator(bn=False, name="generator"):
        return seq(name, L.Dense(9, input_shape=(z,), name="g_d"), *([L.BatchNormalization(momentum=0.8, name="g_bn")] if bn else []), L.LeakyReLU(0.2, name="g_lr"), L.Reshape((3, 3, 1), name="g_r"),
                   L.UpSampling2D(2, name="g_up"), lc2(1, 3, "g_lc", activation="tanh", implementation=g.impl()))

    def critic(bn=False, last="sigmoid", name="critic"):
        return seq(name, inp(4, 4, 1, name="d_in"), lc2(2, 2, "d_lc", strides=c.pick(1, 1, 2)), L.LeakyReLU(0.2, name="d_lr"), *([L.BatchNormalization(momentum=0.8, name="d_bn")] if bn else []), L.Flatten(name="d_f"), L.Dense(1, activation=last, name="d_d"))

    def data():
        return {"real": g.samples((4, 4, 1), 4), "noise": g.samples((z,), 4), "noise2": g.samples((z,), 4), "ones": ones, "zeros": zeros, "minus": -ones}

    def rounds(gan="gan", times=2, real="ones", fake="zeros", fool="ones", before=(), between=(), clip=None):
        steps = []
        for i in range(times):
            steps += [op("predict", "generator", x=["noise"], **{"as": [f"fake{i}"]}), *before, op("train_on_batch", "critic", x=["real"], y=[real]), op("train_on_batch", "critic", x=[f"fake{i}"], y=[fake]),
                      *([op("clip_weights", "critic", limit=clip)] if clip else []), *between, op("train_on_batch", gan, x=["noise2"], y=[fool])]
        return steps + [op("predict", gan, x=["noise"]), op("predict", "critic", x=["real"])]

    def freeze(value=False):
        return op("set_trainable", "critic", layer=None, value=value)

    G, D = generator(), critic()
    g.script("gan_sequential_critic_compiled_before_freezing", {"generator": G, "critic": D, "gan": seq("gan", G, D)},
             [op("compile", "critic", compile=spec(adam, BCE, metrics=["accuracy"])), freeze(), op("compile", "gan", compile=spec(adam, BCE)), *rounds()], data(), rows=[36, 74])
    G, D = generator(True), critic(True)
    a = inp(z, name="z")
    g.script("gan_functional_with_batch_normalization", {"generator": G, "critic": D, "gan": keras.Model(a, D(G(a)), name="gan")},
             [op("compile", "critic", compile=spec(adam, BCE, metrics=["accuracy"])), freeze(), op("compile", "gan", compile=spec(adam, BCE)), *rounds()], data(), rows=[74, 36], note="the critic's moving averages move in its own steps only; in the combined model it runs in inference mode")
    G, D = generator(), critic(True)
    g.script("gan_trainable_switched_each_round", {"generator": G, "critic": D, "gan": seq("gan", G, D)},
             [op("compile", "critic", compile=spec(sgd, BCE)), freeze(), op("compile", "gan", compile=spec(sgd, BCE)), *rounds(before=[freeze(True)], between=[freeze()])], data(), rows=[36], note="what was compiled decides; the switches change nothing")
    G, D = generator(), critic()
    g.script("gan_recompiled_each_round", {"generator": G, "critic": D, "gan": seq("gan", G, D)},
             rounds(before=[freeze(True), op("compile", "critic", compile=spec(adam, BCE))], between=[freeze(), op("compile", "gan", compile=spec(adam, BCE))]), data(), rows=[36], note="compile starts new optimizers")
    G, D = generator(), critic()
    g.script("gan_forgets_to_freeze", {"generator": G, "critic": D, "gan": seq("gan", G, D)},
             [op("compile", "critic", compile=spec(sgd, BCE)), op("compile", "gan", compile=spec(sgd, BCE)), *rounds()], data(), note="the combined model trains the critic too")
    for row, layers in ((37, [L.LayerNormalization(name="d_ln")]), (75, [])):
        G, D = generator(row == 75), seq("critic", inp(4, 4, 1, name="d_in"), lc2(2, 2, "d_lc"), *layers, L.LeakyReLU(0.2, name="d_lr"), L.AveragePooling2D(2, strides=1, name="d_ap"), L.Flatten(name="d_f"), L.Dense(1, name="d_d"))
        a = inp(z, name="z")
        w = {"custom": "wasserstein"}
        g.script(f"row{row}_wasserstein_gan_with_clipping", {"generator": G, "critic": D, "gan": keras.Model(a, D(G(a)), name="gan")},
                 [op("compile", "critic", compile=spec(rms, w)), freeze(), op("compile", "gan", compile=spec(rms, w)), *rounds(real="minus", fake="ones", fool="minus", clip=0.3)], data(), rows=[row], needs=["loss:wasserstein"])

    # classes: an embedding times the noise; a critic with two outputs (rows 101, 102)
    for row, first in ((101, False), (102, True)):
        n_, k = inp(z, name="z"), keras.Input((1,), dtype="int32", name="class")
        h = L.Multiply(name="mul")([n_, L.Flatten(name="fe")(L.Embedding(3, z, name="emb")(k))])
        fmt = {"data_format": "channels_first"} if first else {}
        body = seq("body", inp(z, name="b_in"), L.Dense(16, name="b_d", activation="relu"), L.Reshape((1, 4, 4) if first else (4, 4, 1), name="b_r"), lc2(2, 2, "b_lc", activation="relu", **fmt), L.UpSampling2D(2, name="b_up", **fmt), lc2(1, 3, "b_lc2", activation="relu", **fmt))
        G = keras.Model([n_, k], body(h), name="generator")
        shape = (1, 4, 4) if first else (4, 4, 1)
        a = inp(*shape, name="image")
        feats = seq("features", inp(*shape, name="f_in"), lc2(2, 2, "f_lc", **fmt), L.LeakyReLU(0.2, name="f_lr"), L.Flatten(name="f_f", **fmt))(a)
        D = keras.Model(a, [L.Dense(1, activation=None if first else "sigmoid", name="generation")(feats), L.Dense(3, activation="softmax", name="auxiliary")(feats)], name="critic")
        n2, k2 = inp(z, name="latent"), keras.Input((1,), dtype="int32", name="wanted")
        gan = keras.Model([n2, k2], D(G([n2, k2])), name="gan")
        losses = [{"custom": "wasserstein"} if first else BCE, SCE]
        d = {**data(), "real": g.samples(shape, 4), "classes": c.ints((4, 1), 0, 3).astype(np.int32)}
        steps = [op("compile", "critic", compile=spec(adam, losses)), freeze(), op("compile", "gan", compile=spec(adam, losses, loss_weights=[1.0, 0.3], metrics=[[], ["accuracy"]]))]
        for i in range(2):
            steps += [op("predict", "generator", x=["noise", "classes"], **{"as": [f"fake{i}"]}), op("train_on_batch", "critic", x=["real"], y=["ones", "classes"]), op("train_on_batch", "critic", x=[f"fake{i}"], y=["zeros", "classes"]),
                      op("train_on_batch", "gan", x=["noise2", "classes"], y=["ones", "classes"])]
        g.script(f"row{row}_gan_with_classes", {"generator": G, "critic": D, "gan": gan}, steps + [op("predict", "gan", x=["noise", "classes"])], d, rows=[row], needs=["loss:wasserstein"] if first else [],
                 note="combined outputs are critic, critic_1: names of History")

    # ALI: a discriminator of pairs (row 93)
    enc = seq("encoder", inp(4, 4, 1, name="e_in"), lc2(1, 2, "e_lc"), L.LeakyReLU(0.1, name="e_lr"), L.Flatten(name="e_f"), L.Dense(2, name="e_d"))
    dec = seq("generator", inp(2, name="g_in"), L.Dense(16, name="g_d"), L.Reshape((4, 4, 1), name="g_r"), L.LocallyConnected2D(1, 3, padding="same", implementation=2, name="g_lc", activation="tanh"))
    a, v = inp(4, 4, 1, name="x"), inp(2, name="z")
    h = L.Concatenate(name="cat")([L.Flatten(name="fx")(L.BatchNormalization(name="bn")(L.Conv2D(2, 2, name="cx")(a))), L.LeakyReLU(0.1, name="lz")(L.Dense(3, name="dz")(v))])
    D = keras.Model([a, v], L.Dense(1, activation="sigmoid", name="real")(L.Dropout(0.0, name="drop")(h)), name="critic")
    a, v = inp(4, 4, 1, name="data"), inp(2, name="code")
    ali = keras.Model([a, v], [D([a, enc(a)]), D([dec(v), v])], name="ali")
    d = {"real": g.samples((4, 4, 1), 4), "code": g.samples((2,), 4), "ones": ones, "zeros": zeros}
    steps = [op("compile", "critic", compile=spec(adam, BCE)), freeze(), op("compile", "ali", compile=spec(adam, BCE, metrics=["accuracy"]))]
    for i in range(2):
        steps += [op("predict", "encoder", x=["real"], **{"as": [f"z{i}"]}), op("predict", "generator", x=["code"], **{"as": [f"x{i}"]}), op("train_on_batch", "critic", x=["real", f"z{i}"], y=["ones"]), op("train_on_batch", "critic", x=[f"x{i}", "code"], y=["zeros"]),
                  op("train_on_batch", "ali", x=["real", "code"], y=["zeros", "ones"])]
    g.script("row93_adversarially_learned_inference", {"encoder": enc, "generator": dec, "critic": D, "ali": ali}, steps, d, rows=[93], note="the critic is called twice in the combined model")

    # an adversarial autoencoder: an output in the middle, weights of losses
    enc = seq("encoder", inp(4, 4, 1, name="e_in"), lc2(2, 2, "e_lc", activation="relu"), L.Flatten(name="e_f"), L.Dense(2, name="e_d"))
    dec = seq("decoder", inp(2, name="dec_in"), L.Dense(16, activation="sigmoid", name="dec_d"), L.Reshape((4, 4, 1), name="dec_r"))
    D = seq("critic", inp(2, name="d_in"), L.Dense(3, activation="relu", name="d_1"), L.Dense(1, activation="sigmoid", name="d_2"))
    a = inp(4, 4, 1, name="image")
    code = enc(a)
    D.trainable = False
    aae = keras.Model(a, [dec(code), D(code)], name="aae")
    D.trainable = True
    d = {"real": c.uniform((4, 4, 4, 1), 0, 1, 3), "prior": g.samples((2,), 4), "ones": ones, "zeros": zeros}
    steps = [op("compile", "critic", compile=spec(adam, BCE, metrics=["accuracy"])), freeze(), op("compile", "aae", compile=spec(adam, ["mse", BCE], loss_weights=[0.999, 0.001]))]
    for i in range(2):
        steps += [op("predict", "encoder", x=["real"], **{"as": [f"code{i}"]}), op("train_on_batch", "critic", x=["prior"], y=["ones"]), op("train_on_batch", "critic", x=[f"code{i}"], y=["zeros"]), op("train_on_batch", "aae", x=["real"], y=["real", "ones"])]
    g.script("adversarial_autoencoder", {"encoder": enc, "decoder": dec, "critic": D, "aae": aae}, steps, d)

    # a frozen base with a new head; then all of it, at a lower rate
    t = inp(5, 5, 1, name="image")
    full = keras.Model(t, L.Dense(3, activation="softmax", name="old_head")(L.Flatten(name="flat")(L.BatchNormalization(name="bn")(lc2(2, 3, "lc", activation="relu", implementation=g.impl())(t)))), name="full")
    base = keras.Model(full.input, full.get_layer("bn").output, name="base")
    a = inp(5, 5, 1, name="new_image")
    x = L.Flatten(name="new_flat")(base(a))
    tuned = keras.Model(a, L.Dense(2, activation="softmax", name="new_head")(x), name="tuned")
    d = {"x": g.samples((5, 5, 1), 6), "y3": np.eye(3, dtype=F32)[c.ints((6,), 0, 3)], "y2": np.eye(2, dtype=F32)[c.ints((6,), 0, 2)]}
    fit = {"epochs": 2, "batch_size": 4}
    g.script("frozen_base_new_head_then_fine_tuning", {"full": full, "base": base, "tuned": tuned},
             [op("compile", "full", compile=spec(optimizer("Adam", 0.02), CCE, metrics=["accuracy"])), op("fit", "full", x=["x"], y=["y3"], options=fit), op("set_trainable", "base", layer=None, value=False),
              op("compile", "tuned", compile=spec(optimizer("Adam", 0.02), CCE, metrics=["accuracy"])), op("fit", "tuned", x=["x"], y=["y2"], options=fit), op("get_weights", "base"), op("predict", "full", x=["x"]),
              op("set_trainable", "base", layer=None, value=True), op("set_trainable", "base", layer="bn", value=False), op("compile", "tuned", compile=spec(optimizer("SGD", 0.01), CCE, metrics=["accuracy"])), op("fit", "tuned", x=["x"], y=["y2"], options=fit),
              op("get_weights", "base"), op("predict", "base", x=["x"]), op("predict", "full", x=["x"]), op("test_on_batch", "full", x=["x"], y=["y3"])], d)

    # an extractor of features: several inner tensors of a trained model
    t = inp(5, 5, 1, name="image")
    full = keras.Model(t, L.Dense(2, name="head")(L.Flatten(name="flat")(L.Activation("relu", name="act")(lc2(2, 3, "lc")(t)))), name="full")
    seen = keras.Model(full.input, [full.get_layer("lc").output, full.get_layer("act").output, full.output], name="seen")
    d = {"x": g.samples((5, 5, 1), 4), "y": g.samples((2,), 4)}
    g.script("features_of_a_trained_model", {"full": full, "seen": seen}, [op("compile", "full", compile=spec(sgd, "mse")), op("train_on_batch", "full", x=["x"], y=["y"]), op("predict", "seen", x=["x"]), op("train_on_batch", "full", x=["x"], y=["y"]), op("predict", "seen", x=["x"])], d)

    # two models on one trunk, each with its own optimizer
    t = inp(4, 4, 1, name="state")
    trunk = L.Flatten(name="flat")(lc2(2, 2, "lc", activation="tanh", kernel_regularizer="l2")(t))
    actor = keras.Model(t, L.Dense(3, activation="softmax", name="pi")(trunk), name="actor")
    judge = keras.Model(t, L.Dense(1, name="v")(trunk), name="judge")
    d = {"s": g.samples((4, 4, 1), 4), "a": np.eye(3, dtype=F32)[c.ints((4,), 0, 3)], "r": g.samples((1,), 4)}
    g.script("two_models_on_one_trunk", {"actor": actor, "judge": judge}, [op("compile", "actor", compile=spec(optimizer("Adam", 0.02), CCE)), op("compile", "judge", compile=spec(optimizer("SGD", 0.1, momentum=0.9), "mse")),
             *[op("train_on_batch", m, x=["s"], y=[y]) for m, y in (("actor", "a"), ("judge", "r"), ("actor", "a"), ("judge", "r"))], op("predict", "actor", x=["s"]), op("predict", "judge", x=["s"])], d)

    # Q-learning with a target network (row 94)
    def q_net(p):
        i = inp(5, 5, 1, name=f"{p}_camera")
        s, v = inp(2, name=f"{p}_speed"), inp(1, name=f"{p}_lane")
        x = L.Flatten(name=f"{p}_flat")(L.MaxPooling2D(2, name=f"{p}_pool")(lc2(2, 2, f"{p}_lc", activation="relu")(L.Conv2D(1, 1, name=f"{p}_conv")(i))))
        x = L.Concatenate(name=f"{p}_cat")([x, L.Dense(2, activation="relu", name=f"{p}_ds")(s), v])
        return keras.Model([i, s, v], L.Dense(3, name=f"{p}_q")(x), name=p)
    q, target = q_net("q"), q_net("target")
    d = {"camera": g.samples((5, 5, 1), 4), "speed": g.samples((2,), 4), "lane": g.samples((1,), 4)}
    ins = ["camera", "speed", "lane"]
    steps = [op("compile", "q", compile=spec(optimizer("Adam", 0.02), "mse")), op("copy_weights", "target", **{"from": "q"})]
    for i in range(2):
        steps += [op("predict", "target", x=ins, **{"as": [f"goal{i}"]}), op("train_on_batch", "q", x=ins, y=[f"goal{i}"]), op("predict", "q", x=ins)]
    g.script("row94_q_learning_with_target_network", {"q": q, "target": target}, steps, d, rows=[94])

    # music: a critic with TimeDistributed locally connected layers (row 108), a generator with Conv1DTranspose (row 81)
    G = seq("generator", L.Dense(8, input_shape=(z,), name="g_d"), L.Reshape((4, 2), name="g_r"), L.Conv1DTranspose(2, 3, strides=2, padding="same", activation=L.LeakyReLU(0.1, name="g_lr"), name="g_up"), L.LocallyConnected1D(2, 3, name="g_lc", activation="tanh"), L.Reshape((2, 3, 2), name="g_bars"))
    D = seq("critic", inp(2, 3, 2, name="d_in"), L.TimeDistributed(L.LocallyConnected1D(2, 2, name="d_lc"), name="d_td"), L.LeakyReLU(0.2, name="d_lr"), L.Flatten(name="d_f"), L.Dense(1, activation="sigmoid", name="d_d"))
    d = {**data(), "real": g.samples((2, 3, 2), 4)}
    g.script("rows81_108_music_gan", {"generator": G, "critic": D, "gan": seq("gan", G, D)}, [op("compile", "critic", compile=spec(adam, BCE, metrics=["accuracy"])), freeze(), op("compile", "gan", compile=spec(adam, BCE)), *rounds()], d, rows=[81, 108])


# ---- Refusals --------------------------------------------------------------------------------------------------

def refusals():
    two = "a = I('a'); h = D(4, 'h')(a); m = keras.Model(a, [D(1, 'p')(h), D(3, 'q')(h)]); "
    fit = "m.fit(x, [y, z], verbose=0)"
    pair = "a, b = I('a'), I('b'); "
    snippets = [
        ("disconnected", pair + "keras.Model(a, L.Add()([a, b]))"),
        ("disconnected_behind_layers", pair + "keras.Model(a, D(1, 'e')(L.Add(name='s')([D(2, 'c')(a), D(2, 'd')(b)])))"),
        ("input_twice", pair + "keras.Model([a, a], L.Add()([a, a]))"),
        ("inner_tensor_off_the_way_as_input", "a = I('a'); keras.Model(D(1, 'c')(a), D(1, 'd')(a))"),
        ("layer_name_twice", "a = I('a'); keras.Model(a, D(1, 'u')(D(1, 'u')(a)))"),
        ("output_is_no_tensor", "a = I('a'); keras.Model(a, 'x')"),
        ("input_is_no_tensor", "a = I('a'); keras.Model('x', D(1, 'd')(a))"),
        ("unknown_argument", "a = I('a'); keras.Model(inputs=a, outputs=D(1, 'd')(a), foo=1)"),
        ("add_one_input", "a = I('a'); L.Add()(a)"),
        ("add_list_of_one", "a = I('a'); L.Add()([a])"),
        ("add_sizes_differ", pair + "L.Add()([D(2, 'c')(a), D(3, 'd')(b)])"),
        ("subtract_three", "a = I('a'); L.Subtract()([a, a, a])"),
        ("concatenate_other_sizes_differ", "L.Concatenate(axis=1)([keras.Input((2, 3)), keras.Input((2, 4))])"),
        ("concatenate_ranks_differ", "L.Concatenate()([keras.Input((2, 3)), keras.Input((3,))])"),
        ("concatenate_axis_out_of_range", "L.Concatenate(axis=3)([keras.Input((2, 3)), keras.Input((2, 3))])"),
        ("concatenate_one", "a = I('a'); L.Concatenate()([a])"),
        ("concatenate_axis_0", "a = I('a'); L.Concatenate(axis=0)([a, a]).shape"),
        ("dot_three", "a = I('a'); L.Dot(axes=1)([a, a, a])"),
        ("dot_sizes_differ", pair + "L.Dot(axes=1)([D(2, 'c')(a), D(3, 'd')(b)])"),
        ("dot_without_axes", "L.Dot()"),
        ("dot_axes_float", "L.Dot(axes=1.5)"),
        ("dot_axes_three", "L.Dot(axes=(1, 2, 3))"),
        ("dot_axes_out_of_range", "a = I('a'); L.Dot(axes=2)([a, a])"),
        ("time_distributed_2d_input", "L.TimeDistributed(D(2, 'd'))(I('a'))"),
        ("time_distributed_no_layer", "L.TimeDistributed('x')"),
        ("conv1d_transpose_output_padding_not_below_stride", "L.Conv1DTranspose(1, 3, strides=2, output_padding=2)"),
        ("dense_called_with_two_inputs", pair + "D(1, 'd')([a, b])"),
        ("nested_model_called_with_too_few", pair + "m = keras.Model([a, b], L.Add()([a, b]), name='m'); m(I('c'))"),
        ("nested_model_wrong_width", "a = I('a'); m = keras.Model(a, D(1, 'd')(a), name='m'); m(keras.Input((4,)))"),
        ("shared_dense_at_another_width", "a = I('a'); d = D(2, 'd'); d(a); d(keras.Input((4,)))"),
        ("sequential_with_two_outputs_inside", "a = I('a'); m = keras.Model(a, [D(1, 'p')(a), D(1, 'q')(a)]); keras.Sequential([m, D(1, 'd')])"),
        ("loss_of_an_unknown_output", two + "m.compile('sgd', {'z': 'mse'}); " + fit),
        ("loss_weight_of_an_unknown_output", two + "m.compile('sgd', 'mse', loss_weights={'z': 1.0}); " + fit),
        ("metric_of_an_unknown_output", two + "m.compile('sgd', 'mse', metrics={'z': 'mae'}); " + fit),
        ("metrics_nested_too_few", two + "m.compile('sgd', 'mse', metrics=[['mae']]); " + fit),
        ("metrics_nested_too_many", two + "m.compile('sgd', 'mse', metrics=[['mae'], ['mae'], ['mae']]); " + fit),
        ("metrics_same_name_twice", two + "m.compile('sgd', 'mse', metrics={'p': ['mae', 'mae']}); " + fit),
        ("losses_too_few", two + "m.compile('sgd', ['mse']); " + fit + ".history.keys()"),
        ("losses_too_many", two + "m.compile('sgd', ['mse', 'mse', 'mse']); " + fit + ".history.keys()"),
        ("loss_weights_too_few", two + "m.compile('sgd', 'mse', loss_weights=[1.0]); " + fit + ".history['q_loss']"),
        ("target_of_an_unknown_output", two + "m.compile('sgd', 'mse'); m.fit(x, {'p': y, 'z': z}, verbose=0)"),
        ("target_missing_in_dict", two + "m.compile('sgd', 'mse'); m.fit(x, {'p': y}, verbose=0).history['q_loss']"),
        ("one_target_for_two_outputs", two + "m.compile('sgd', 'mse'); m.fit(x, y, verbose=0)"),
        ("three_targets_for_two_outputs", two + "m.compile('sgd', 'mse'); m.fit(x, [y, z, z], verbose=0)"),
        ("sample_weight_of_an_unknown_output", two + "m.compile('sgd', 'mse'); m.fit(x, [y, z], sample_weight={'z': sw}, verbose=0)"),
        ("sample_weights_too_few", two + "m.compile('sgd', 'mse'); m.fit(x, [y, z], sample_weight=[sw], verbose=0).history['q_loss']"),
        ("class_weight_with_two_outputs", two + "m.compile('sgd', 'mse'); m.fit(x, [y, z], class_weight={0: 1.0, 1: 2.0}, verbose=0)"),
        ("targets_of_other_length", two + "m.compile('sgd', 'mse'); m.fit(x, [y, z[:4]], verbose=0)"),
        ("input_missing_in_dict", pair + "m = keras.Model([a, b], L.Add()([a, b])); m.predict({'a': x}, verbose=0)"),
        ("input_unknown_in_dict", pair + "m = keras.Model([a, b], L.Add()([a, b])); m.predict({'a': x, 'b': x, 'z': x}, verbose=0).shape"),
        ("one_array_for_two_inputs", pair + "m = keras.Model([a, b], L.Add()([a, b])); m.predict(x, verbose=0)"),
        ("three_arrays_for_two_inputs", pair + "m = keras.Model([a, b], L.Add()([a, b])); m.predict([x, x, x], verbose=0)"),
        ("inputs_of_different_lengths", pair + "m = keras.Model([a, b], L.Add()([a, b])); m.predict([x, x[:4]], verbose=0)"),
        ("second_input_of_wrong_width", pair + "m = keras.Model([a, b], L.Add()([a, b])); m.predict([x, z[:, :2]], verbose=0)"),
        ("get_layer_unknown", two + "m.get_layer('zzz')"),
        ("pop_of_a_functional_model", two + "m.pop()"),
    ]
    cases = []
    for name, code in snippets:
        keras.backend.clear_session()
        rows = np.ones((6, 3), F32)
        env = {"keras": keras, "L": L, "np": np, "I": lambda n: keras.Input((3,), name=n), "D": lambda u, n: L.Dense(u, name=n), "x": rows, "y": rows[:, :1], "z": rows, "sw": np.ones(6, F32)}
        case = {"name": name, "code": code}
        *first, last = [s.strip() for s in code.split("; ")]
        try:
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                for s in first:
                    exec(s, env)
                value = eval(last, env)
            case["accepted"] = True
            if isinstance(value, (tf.TensorShape, tuple, list)) or type(value).__name__ == "dict_keys":
                case["value"] = J(list(value))
        except Exception as e:
            case.update(accepted=False, exception=type(e).__name__, message=clean(e))
        cases.append(case)
    return cases




def main(argv=None):
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--out", default="goldens", help="folder for the fixtures (default: goldens)")
    p.add_argument("--seed", type=int, default=0)
    p.add_argument("--heldout", action="store_true", help="draw sizes, layers, optimizers and random graphs from the seed")
    p.add_argument("--only", nargs="*", metavar="PART", help="parts to make, to try them out")
    args = p.parse_args(argv)
    os.makedirs(args.out, exist_ok=True)
    keras.backend.clear_session()
    g = Graphs(args.out)
    for part in (merges, shared, nested, several, orders, distributed, residual, published, scripts):
        if not args.only or part.__name__ in args.only:
            before, g.ctx = len(g.cases), Ctx(args.out, args.seed, args.heldout, f"graphs/{part.__name__}")
            part(g)
            print(f"{part.__name__:12s} {len(g.cases) - before:4d} cases", flush=True)
    names = [c["name"] for c in g.cases]
    assert len(set(names)) == len(names)
    doc = {"family": "graphs", "tf_keras": keras.__version__, "tensorflow": tf.__version__, "seed": args.seed, "heldout": args.heldout, "lambda_functions": LAMBDA_FUNCTIONS, "refusals": [] if args.only else refusals(), "notes": NOTES, "cases": g.cases}
    path = os.path.join(args.out, "graphs.json")
    write_json(path, {k: J(v) for k, v in doc.items()})
    files = sum(os.path.getsize(os.path.join(g.folder, f)) for f in os.listdir(g.folder))
    print(f"graphs {len(g.cases)} cases {os.path.getsize(path) / 1024:.1f} KiB, files {files / 1024:.1f} KiB")


if __name__ == "__main__":
    main()
