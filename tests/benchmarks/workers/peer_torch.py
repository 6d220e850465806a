"""PyTorch, which has no such layer: unfold the patches, then one batched matrix product (baddbmm)."""

import os
import time

import peer

THREADS = int(os.environ["BENCH_THREADS"])


def load():
    import torch
    from torch.nn import functional

    torch.set_num_threads(THREADS)

    class Layer:
        def __init__(self, case):
            c = self.c = peer.LayerCase(case)

            def local(x, kernel, bias):
                patches = functional.unfold(x, (c.KH, c.KW), stride=(c.SH, c.SW))  # [B, K, P]
                return torch.baddbmm(bias, patches.permute(2, 0, 1), kernel)  # [P, B, F]

            x_host = peer.np.ascontiguousarray(c.x().transpose(0, 3, 1, 2))
            x = self.x = torch.from_numpy(x_host)
            start = time.perf_counter()
            bound = (6 / (c.K + c.F)) ** 0.5
            kernel = torch.empty(c.P, c.K, c.F).uniform_(-bound, bound)
            local(x, kernel, torch.zeros(c.P, 1, c.F))
            self.first_ms = (time.perf_counter() - start) * 1e3

            self.kernel = torch.from_numpy(c.channels_first_patches(c.kernel())).requires_grad_()
            self.bias = torch.from_numpy(c.bias().reshape(c.P, 1, c.F).copy()).requires_grad_()
            dy = torch.from_numpy(c.dy().reshape(c.B, c.P, c.F).copy()).permute(1, 0, 2).contiguous()
            weights = [self.kernel, self.bias]
            optimizer = torch.optim.SGD(weights, lr=c.learning_rate)

            self.graph = None

            def backward():
                if self.graph is None:
                    x_graph = x.clone().requires_grad_()
                    self.graph = local(x_graph, *weights), x_graph
                kept, x_graph = self.graph
                return torch.autograd.grad(kept, [x_graph, *weights], dy, retain_graph=True)

            def forward(x):
                with torch.no_grad():
                    return local(x, *weights)

            def step():
                self.graph = None  # which holds weights that change now
                x.requires_grad_()
                x.grad = None
                optimizer.zero_grad()
                y = local(x, *weights)
                y.backward(dy)
                optimizer.step()
                x.requires_grad_(False)
                return y

            self.step = step
            self.runs = dict(
                forward=lambda: forward(x),
                backward=backward,
                call=lambda: forward(torch.from_numpy(x_host)).permute(1, 0, 2).contiguous().numpy(),
                step=step,
            )

        def results(self):
            y = self.step().detach().permute(1, 0, 2)
            dx = self.x.grad.permute(0, 2, 3, 1)
            kernel = self.c.channels_last_patches(self.kernel.detach().numpy())
            return dict(y=y, dx=dx, kernel=kernel, bias=self.bias.detach())

    class Fit:
        def __init__(self, case):
            stack = self.stack = peer.Stack(case)
            x = torch.from_numpy(peer.np.ascontiguousarray(stack.x.transpose(0, 3, 1, 2)))
            y = torch.from_numpy(stack.y).long()
            start = time.perf_counter()
            self.start()
            with torch.no_grad():
                self.forward(x[:1])
            self.first_ms = (time.perf_counter() - start) * 1e3

            def step(x, y):
                loss = functional.cross_entropy(self.forward(x), y)
                self.optimizer.zero_grad()
                loss.backward()
                if stack.adam:  # Keras adds epsilon before it corrects the bias, PyTorch after
                    self.t += 1
                    self.optimizer.param_groups[0]["eps"] = 1e-7 / (1 - 0.999**self.t) ** 0.5
                self.optimizer.step()
                return loss

            def fit(epochs, shuffle=True):
                history = []
                for _ in range(epochs):
                    total = 0.0
                    for chosen in stack.batches(torch.from_numpy(stack.order(shuffle))):
                        total += step(x[chosen], y[chosen]).detach() * len(chosen)
                    history.append(float(total) / stack.samples)
                return history

            some, labels, first = x[: stack.batch].numpy(), stack.y[: stack.batch].astype("int64"), x[:1].numpy()

            def one():
                with torch.no_grad():
                    return torch.softmax(self.forward(torch.from_numpy(first)), 1).numpy()

            self.fit = fit
            self.runs = dict(
                fit=lambda: fit(stack.epochs),
                batch=lambda: step(torch.from_numpy(some), torch.from_numpy(labels)).item(),
                one=one,
            )

        def start(self):
            self.t = 0
            self.weights = [torch.from_numpy(w.copy()).requires_grad_() for w in self.stack.weights]
            if self.stack.adam:
                self.optimizer = torch.optim.Adam(self.weights, lr=1e-3, eps=1e-7, fused=True)
            else:
                self.optimizer = torch.optim.SGD(self.weights, lr=0.01, fused=True)

        def forward(self, x):
            """Images are [B, C, H, W]; a locally connected layer gives [P, B, F]."""
            rest = iter(self.weights)
            for layer in self.stack.layers:
                if layer["kind"] == "Flatten":
                    x = x.permute(1, 0, 2).reshape(x.shape[1], -1)
                    continue
                kernel, bias = next(rest), next(rest)
                if layer["kind"] == "Dense":
                    x = torch.addmm(bias, x, kernel)
                else:
                    c = layer["sizes"]
                    if x.dim() == 3:
                        x = x.permute(1, 2, 0).reshape(x.shape[1], c.C, c.H, c.W)
                    patches = functional.unfold(x, (c.KH, c.KW), stride=(c.SH, c.SW))
                    x = torch.baddbmm(bias.reshape(c.P, 1, c.F), patches.permute(2, 0, 1), kernel)
                x = functional.relu(x) if layer["relu"] else x
            return x

        def results(self):
            self.start()
            return dict(loss=self.fit(2, shuffle=False))

    return f"PyTorch {torch.__version__}", lambda case: (Layer if case["kind"] == "layer" else Fit)(case)


peer.serve(load)
