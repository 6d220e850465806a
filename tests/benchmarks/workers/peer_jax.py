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

    return f"JAX {jax.__version__}", Layer


peer.serve(load)
