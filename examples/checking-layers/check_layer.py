"""Checks a locally connected layer in NumPy or PyTorch: python check_layer.py CASES LAYER.py [--torch]

CASES is a folder of `npx unshared cases CASES`. LAYER.py has forward(x, kernel, bias, sizes), which returns y, and may
have backward(dy, x, kernel, sizes), which returns dx, dkernel, dbias. With --torch they get tensors, and where there is
no backward, the gradients are those of autograd.
"""
import importlib.util, json, pathlib, sys
import numpy as np

cases, layer_path, use_torch = pathlib.Path(sys.argv[1]), sys.argv[2], "--torch" in sys.argv
spec = importlib.util.spec_from_file_location("layer", layer_path)
layer = importlib.util.module_from_spec(spec)
spec.loader.exec_module(layer)
if use_torch:
    import torch


def run(x, kernel, bias, dy, sizes):
    """The results of the layer by name: y, and the gradients if it has any."""
    if use_torch:
        x, kernel, bias = (torch.tensor(a, requires_grad=True) for a in (x, kernel, bias))
        dy = torch.tensor(dy)
    results = {"y": layer.forward(x, kernel, bias, sizes)}
    if hasattr(layer, "backward"):
        results.update(zip(("dx", "dkernel", "dbias"), layer.backward(dy, x, kernel, sizes), strict=True))
    elif use_torch:
        results.update(zip(("dx", "dkernel", "dbias"), torch.autograd.grad(results["y"], (x, kernel, bias), dy)))
    return {name: a.detach().numpy() if use_torch else np.asarray(a) for name, a in results.items()}


def problem(name, result, case):
    """What is wrong with a result, or None."""
    if result.shape != case[name].shape:
        return f"{name} has the shape {result.shape}, expected {case[name].shape}"
    wrong = np.argwhere(~(abs(result - case[name]) <= case[name + "_tolerance"]))
    if len(wrong):
        at = tuple(map(int, wrong[0]))
        return f"{name}{list(at)} is {result[at]:.6g}, expected {case[name][at]:.6g}; {len(wrong)} of {result.size} differ"


failed = 0
paths = sorted(cases.glob("*.npz"))
for path in paths:
    case, sizes = dict(np.load(path)), json.loads(path.with_suffix(".json").read_text())["sizes"]
    try:
        results = run(*(case[name].copy() for name in ("x", "kernel", "bias", "dy")), sizes)
        problems = [p for name, result in results.items() if (p := problem(name, result, case))]
    except Exception as error:
        problems = [f"{type(error).__name__}: {error}"]
    failed += bool(problems)
    for p in problems:
        print(f"{path.stem} {sizes}:\n  {p}")
print(f"{len(paths) - failed} of {len(paths)} cases passed")
sys.exit(failed > 0 or not paths)
