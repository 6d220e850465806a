"""JAX: jax.lax.conv_general_dilated_local, compiled."""

import os
import time

os.environ["JAX_PLATFORMS"] = "cpu"
import peer


def load():
    import jax
    import jax.numpy as jnp

    class Layer:
        def __init__(self, case):
            c = self.c = peer.LayerCase(case)

            def local(x, kernel, bias):
                y = jax.lax.conv_general_dilated_local(
                    x, kernel, (c.SH, c.SW), "VALID", (c.KH, c.KW), dimension_numbers=("NHWC", "HWIO", "NHWC")
                )
                return y + bias

            forward = jax.jit(local)
            x_host = c.x()
            x = jnp.asarray(x_host)
            start = time.perf_counter()
            bound = (6 / (c.K + c.F)) ** 0.5
            shape = (c.OH, c.OW, c.K, c.F)
            kernel = jax.random.uniform(jax.random.key(0), shape, minval=-bound, maxval=bound)
            forward(x, kernel, jnp.zeros((c.OH, c.OW, c.F))).block_until_ready()
            self.first_ms = (time.perf_counter() - start) * 1e3

            self.kernel = jnp.asarray(c.channels_first_patches(c.kernel()).reshape(shape))
            self.bias = jnp.asarray(c.bias())
            dy = jnp.asarray(c.dy())

            @jax.jit
            def backward(x, kernel, bias):
                return jax.vjp(local, x, kernel, bias)[1](dy)

            def step(x, kernel, bias):
                y, gradients = jax.vjp(local, x, kernel, bias)
                dx, dk, db = gradients(dy)
                return y, dx, kernel - c.learning_rate * dk, bias - c.learning_rate * db

            step = jax.jit(step, donate_argnums=(1, 2))

            def do_step():
                y, dx, self.kernel, self.bias = step(x, self.kernel, self.bias)
                jax.block_until_ready((y, dx, self.kernel, self.bias))
                return y, dx

            self.step = do_step
            self.runs = dict(
                forward=lambda: forward(x, self.kernel, self.bias).block_until_ready(),
                backward=lambda: jax.block_until_ready(backward(x, self.kernel, self.bias)),
                step=do_step,
                call=lambda: peer.np.array(forward(jnp.asarray(x_host), self.kernel, self.bias)),
            )

        def results(self):
            y, dx = self.step()
            return dict(y=y, dx=dx, kernel=self.c.channels_last_patches(self.kernel), bias=self.bias)

    def forward_of(stack):
        def forward(weights, x):
            rest = iter(weights)
            for layer in stack.layers:
                if layer["kind"] == "Flatten":
                    x = x.reshape(x.shape[0], -1)
                    continue
                kernel, bias = next(rest), next(rest)
                if layer["kind"] == "Dense":
                    x = x @ kernel + bias
                else:
                    c = layer["sizes"]
                    kernel = kernel.reshape(c.OH, c.OW, c.K, c.F)
                    dimensions = ("NHWC", "HWIO", "NHWC")
                    x = jax.lax.conv_general_dilated_local(
                        x, kernel, (c.SH, c.SW), "VALID", (c.KH, c.KW), dimension_numbers=dimensions
                    ) + bias.reshape(c.OH, c.OW, c.F)
                x = jax.nn.relu(x) if layer["relu"] else x
            return x

        return forward

    class Fit:
        """Compiled steps that take their samples from data on the device; Keras' Adam or SGD."""

        def __init__(self, case):
            stack = self.stack = peer.Stack(case)
            forward = forward_of(stack)
            x, y = jnp.asarray(stack.x), jnp.asarray(stack.y)
            start = time.perf_counter()
            predict = jax.jit(forward)
            self.start()
            predict(self.state[0], x[:1]).block_until_ready()
            self.first_ms = (time.perf_counter() - start) * 1e3

            def loss(weights, x, y):
                return -jnp.take_along_axis(jax.nn.log_softmax(forward(weights, x)), y[:, None], 1).mean()

            def update(state, x, y):
                weights, means, squares, t = state
                value, gradients = jax.value_and_grad(loss)(weights, x, y)
                if not stack.adam:
                    return ([w - 0.01 * g for w, g in zip(weights, gradients)], means, squares, t), value
                t = t + 1
                rate = 0.001 * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)
                means = [m + (g - m) * 0.1 for m, g in zip(means, gradients)]
                squares = [v + (g * g - v) * 0.001 for v, g in zip(squares, gradients)]
                weights = [w - rate * m / (jnp.sqrt(v) + 1e-7) for w, m, v in zip(weights, means, squares)]
                return (weights, means, squares, t), value

            step = jax.jit(lambda state, x, y, chosen: update(state, x[chosen], y[chosen]), donate_argnums=0)
            step_on = jax.jit(update, donate_argnums=0)

            def fit(epochs, shuffle=True):
                history = []
                for _ in range(epochs):
                    losses = []
                    for chosen in stack.batches(stack.order(shuffle)):
                        self.state, value = step(self.state, x, y, chosen)
                        losses.append((value, len(chosen)))
                    history.append(sum(float(value) * n for value, n in losses) / stack.samples)
                jax.block_until_ready(self.state)
                return history

            def on_batch():
                self.state, value = step_on(self.state, stack.x[: stack.batch], stack.y[: stack.batch])
                return float(value)

            self.fit = fit
            self.runs = dict(
                fit=lambda: fit(stack.epochs),
                batch=on_batch,
                one=lambda: peer.np.asarray(jax.nn.softmax(predict(self.state[0], stack.x[:1]))),
            )

        def start(self):
            weights = [jnp.asarray(w) for w in self.stack.weights]
            self.state = (weights, [jnp.zeros_like(w) for w in weights], [jnp.zeros_like(w) for w in weights], 0.0)

        def results(self):
            self.start()
            return dict(loss=self.fit(2, shuffle=False))

    return f"JAX {jax.__version__}", lambda case: (Layer if case["kind"] == "layer" else Fit)(case)


peer.serve(load)
