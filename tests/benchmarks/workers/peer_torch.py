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

    return f"PyTorch {torch.__version__}", Layer


peer.serve(load)
