"""What integration tests share: the demo's way of starting processes."""
import importlib.machinery
import importlib.util
import pathlib

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def load_demo():
    loader = importlib.machinery.SourceFileLoader("demo", str(ROOT / "tools/demo"))
    spec = importlib.util.spec_from_loader("demo", loader)
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module
