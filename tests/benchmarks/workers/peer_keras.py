"""tf-keras: the layer of Keras 2 itself, its three implementations, and whole models."""

import os
import time

import peer

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
THREADS = int(os.environ["BENCH_THREADS"])


def windows(c, dense):
    """Views of a dense kernel [H, W, C, OH, OW, F]: what is connected to each output place."""
    for p in range(c.P):
        h, w = p // c.OW, p % c.OW
        rows, cols = slice(h * c.SH, h * c.SH + c.KH), slice(w * c.SW, w * c.SW + c.KW)
        yield dense[rows, cols, :, h, w, :]


def stored(c, kernel):
    """The kernel [P, K, F] as the implementation stores it."""
    if c.implementation == 1:
        return kernel
    if c.implementation == 3:
        return kernel.transpose(0, 2, 1).ravel()
    dense = peer.np.zeros((c.H, c.W, c.C, c.OH, c.OW, c.F), peer.np.float32)
    for p, place in enumerate(windows(c, dense)):
        place[:] = kernel[p].reshape(c.KH, c.KW, c.C, c.F)
    return dense


def load():
    import tensorflow as tf
    import tf_keras

    tf.config.threading.set_intra_op_parallelism_threads(THREADS)
    tf.config.threading.set_inter_op_parallelism_threads(THREADS)

    class Layer:
        def __init__(self, case):
            c = self.c = peer.LayerCase(case)
            x = tf.constant(c.x())
            start = time.perf_counter()
            layer = self.layer = tf_keras.layers.LocallyConnected2D(
                c.F, (c.KH, c.KW), (c.SH, c.SW), implementation=c.implementation
            )
            layer.build((None, c.H, c.W, c.C))
            forward = tf.function(lambda x: layer(x))
            forward(x)
            self.first_ms = (time.perf_counter() - start) * 1e3

            layer.kernel.assign(stored(c, c.kernel()))
            layer.bias.assign(c.bias())
            dy = tf.constant(c.dy())
            optimizer = tf_keras.optimizers.SGD(c.learning_rate)
            optimizer.build([layer.kernel, layer.bias])

            def gradients(x):
                with tf.GradientTape() as tape:
                    tape.watch(x)
                    y = layer(x)
                return y, tape.gradient(y, [layer.kernel, layer.bias, x], dy)

            @tf.function
            def backward(x):
                return gradients(x)[1]

            @tf.function
            def step(x):
                y, (dk, db, dx) = gradients(x)
                optimizer.apply_gradients([(dk, layer.kernel), (db, layer.bias)])
                return y, dx

            x_host = c.x()
            self.step = lambda: step(x)
            self.runs = dict(
                forward=lambda: forward(x),
                backward=lambda: backward(x),
                step=self.step,
                call=lambda: forward(tf.constant(x_host)).numpy(),
            )

        def results(self):
            c, np = self.c, peer.np
            y, dx = self.step()
            kernel = self.layer.kernel.numpy()
            if c.implementation == 3:
                kernel = kernel.reshape(c.P, c.F, c.K).transpose(0, 2, 1)
            if c.implementation == 2:
                kernel = np.stack([place.reshape(c.K, c.F) for place in windows(c, kernel)])
            return dict(y=y, dx=dx, kernel=kernel, bias=self.layer.bias)

    def snake(name):
        return "".join("_" + ch.lower() if ch.isupper() else ch for ch in name)

    def model_of(case):
        layers = []
        for className, options, *_ in case["layers"]:
            options = {snake(key): value for key, value in options.items()}
            if className == "LocallyConnected2D":
                options["implementation"] = case.get("implementation", 1)
            layers.append(getattr(tf_keras.layers, className)(**options))
        reads = [layer[2] if len(layer) > 2 else None for layer in case["layers"]]
        if not any(reads):
            return tf_keras.Sequential(layers)
        values = [tf_keras.Input(case["inputShape"])]
        for layer, read in zip(layers, reads):
            read = [values[i] for i in read or [len(values) - 1]]
            values.append(layer(read[0] if len(read) == 1 else read))
        return tf_keras.Model(values[0], values[-1])

    def set_weights(model):
        seed = peer.SEEDS["weights"]
        for layer in model.layers:
            weights = []
            for w in layer.weights:
                sizes, shape = None, w.shape
                if isinstance(layer, tf_keras.layers.LocallyConnected2D) and not weights:
                    sizes = peer.Sizes(
                        layer.input_shape[1:], layer.kernel_size, layer.strides, layer.filters, layer.implementation
                    )
                    shape = (sizes.P, sizes.K, sizes.F)
                values = peer.numbers(peer.np.prod(shape), seed, 0.125 / 2).reshape(shape)
                weights.append(stored(sizes, values) if sizes else values)
                seed += 1
            layer.set_weights(weights)

    class Prediction:
        def __init__(self, case):
            shape = [case["batch"], *case["inputShape"]]
            x = peer.numbers(peer.np.prod(shape), peer.SEEDS["x"]).reshape(shape)
            start = time.perf_counter()
            model = self.model = model_of(case)
            forward = tf.function(lambda x: model(x))
            forward(tf.constant(x)).numpy()
            self.first_ms = (time.perf_counter() - start) * 1e3
            self.runs = dict(call=lambda: forward(tf.constant(x)).numpy())
            self.forward = self.runs["call"]

        def results(self):
            set_weights(self.model)
            return dict(y=self.forward())

    class Fit:
        def __init__(self, case):
            shape = [case["samples"], *case["inputShape"]]
            x = peer.numbers(peer.np.prod(shape), peer.SEEDS["x"]).reshape(shape)
            y = peer.labels(case["samples"], peer.SEEDS["labels"], case["classes"])
            start = time.perf_counter()
            model = model_of(case)
            model(x[:1])
            self.first_ms = (time.perf_counter() - start) * 1e3
            set_weights(model)
            model.compile(case.get("optimizer", "adam"), "sparse_categorical_crossentropy")

            def fit(epochs, shuffle=True):
                return model.fit(x, y, batch_size=case["batch"], epochs=epochs, shuffle=shuffle, verbose=0)

            epochs = case["epochs"]
            self.fit = fit
            batch = case["batch"]
            some, labels, first = x[:batch], y[:batch], x[:1]
            self.runs = dict(
                fit=lambda: fit(epochs),
                batch=lambda: model.train_on_batch(some, labels),
                one=lambda: model.predict_on_batch(first),
            )

        def results(self):
            return dict(loss=self.fit(2, shuffle=False).history["loss"])

    kinds = dict(layer=Layer, prediction=Prediction, fit=Fit)
    return f"tf-keras {tf_keras.__version__}, TensorFlow {tf.__version__}", lambda case: kinds[case["kind"]](case)


peer.serve(load)
