"""Builds the sides that are programs. What is built is kept by its content: the same sources and flags are not compiled twice."""

import hashlib
import platform
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
ROOT = HERE.parent
WORK = HERE / ".work"

# The processors that code is generated for, with the flags of whoever builds it, and what this machine must have to run it.
SWIFT_FLAGS = {
    "baseline": [],
    "x86-64-v3": ["-DGRAFT_FMA", "-Xcc", "-march=x86-64-v3"],
    "x86-64-v4": ["-DGRAFT_FMA", "-Xcc", "-march=x86-64-v4"],
    "arm64": [],
}
NEEDS = {"baseline": set(), "x86-64-v3": {"avx2", "fma", "bmi2"}, "x86-64-v4": {"avx512f", "avx512bw", "avx512dq", "avx512vl"}}


class Unavailable(Exception):
    """A side cannot run on this machine, and why."""


@dataclass(frozen=True)
class Case:
    """A folder of `cases`, and sizes: one row of the table in cases.py."""

    name: str
    folder: str
    model: str  # from the package's folder
    sizes: dict[str, int]
    sides: tuple["Side", ...]
    threads: int
    tolerances: dict[str, float]  # by the first word of a result's name
    numbers: str = "<f4"
    slack: dict[str, float] = field(default_factory=dict)  # by a side's first word: what its tolerances are multiplied with
    main: str | None = None  # a Swift file of `support` that serves several cases
    fixed: tuple[str, ...] = ()  # sizes that are given to the generator
    derive: str = ""  # a line added to the model, for the value of what it only differentiates
    reference: str | None = "PyTorch, custom backward"
    samples: str | None = None  # a result with a row for each sample; spikes of single samples may flip where arithmetic is fused
    flags: tuple[str, ...] = ()  # of the ceiling's compilation
    quick: bool = False

    @property
    def path(self) -> Path:
        return HERE / "cases" / self.folder


@dataclass(frozen=True)
class Side:
    name: str

    def command(self, case: Case, graft: Path) -> list[str]:
        """Builds the side and gives the command that runs it, before the arguments of the protocol."""
        raise NotImplementedError

    def environment(self) -> dict[str, str]:
        return {}


@dataclass(frozen=True)
class Generated(Side):
    cpu: str = "baseline"

    def source(self, case: Case) -> Path:
        sizes = [f"{name}={case.sizes[name]}" for name in case.fixed]
        return WORK / "generated" / "-".join([case.folder, self.cpu, *sizes]) / (Path(case.model).stem + ".swift")

    def command(self, case: Case, graft: Path) -> list[str]:
        source = self.source(case)
        source.parent.mkdir(parents=True, exist_ok=True)
        model = source.with_suffix(".graft")
        model.write_text((ROOT / case.model).read_text() + case.derive + "\n")
        sizes = [word for name in case.fixed for word in ("--size", f"{name}={case.sizes[name]}")]
        run([str(graft), "generate", str(model), "--cpu", self.cpu, "--output", str(source.parent), *sizes])
        # Whether a function whose sizes are all fixed has a workspace can change with the generator.
        workspaces = re.findall(r"public struct (\w+Workspace)", source.read_text())
        own = [path for path in (case.path / "Generated.swift", HERE / "support" / (case.main or "")) if path.is_file()]
        return swift([source, *own], [f"-D{name}" for name in workspaces], self.cpu)

    def environment(self) -> dict[str, str]:
        """Counts what is allocated, where that is possible."""
        compiler = shutil.which("cc")
        if platform.libc_ver()[0] != "glibc" or not compiler:
            return {}
        source = HERE / "support" / "allocations.c"
        return {"LD_PRELOAD": str(built([source], lambda output: [compiler, "-O2", "-shared", "-fPIC", str(source), "-o", str(output)], "allocations"))}


@dataclass(frozen=True)
class Ceiling(Side):
    cpu: str = "baseline"
    sources: tuple[str, ...] = ()  # beside the case's own Ceiling.swift, from this folder

    def command(self, case: Case, graft: Path) -> list[str]:
        width = {"baseline": [], "x86-64-v3": ["-DAVX2"], "x86-64-v4": ["-DAVX"]}[self.cpu]
        return swift([case.path / "Ceiling.swift", *[HERE / source for source in self.sources]], width + list(case.flags), self.cpu)


@dataclass(frozen=True)
class Python(Side):
    module: str = "torch_side"
    variant: str = ""
    quick: bool = True  # False: left out of quick runs

    def command(self, case: Case, graft: Path) -> list[str]:
        if self.variant == "compile" and not shutil.which("g++") and not shutil.which("clang++"):
            raise Unavailable("torch.compile needs a C++ compiler, and there is none")
        return [str(HERE / ".environment/bin/python"), str(HERE / "support/peer.py"), str(case.path / f"{self.module}.py"), self.variant]


@dataclass(frozen=True)
class Cpp(Side):
    def command(self, case: Case, graft: Path) -> list[str]:
        compiler = shutil.which("g++") or shutil.which("clang++")
        if not compiler:
            raise Unavailable("no C++ compiler was found")
        flags = ["-std=c++17", "-O3", "-march=native", "-I", str(HERE / "support")]
        sources = [case.path / "Derivative.cpp", HERE / "support" / "side.hpp"]
        return [str(built(sources, lambda output: [compiler, *flags, str(sources[0]), "-o", str(output)], case.folder + "-cpp"))]


def swift(sources: list[Path], defines: list[str], cpu: str) -> list[str]:
    if not runs_here(cpu):
        raise Unavailable(f"this processor does not run code for {cpu}")
    sources = [*sources, HERE / "support" / "Side.swift"]
    flags = ["-swift-version", "6", "-O", "-wmo", *SWIFT_FLAGS[cpu], *defines]
    return [str(built(sources, lambda output: ["swiftc", *flags, *map(str, sources), "-o", str(output)], sources[0].stem + "-" + cpu))]


def built(sources: list[Path], command, name: str) -> Path:
    digest = hashlib.sha256(repr(command(Path())).encode())
    for source in sources:
        digest.update(source.read_bytes())
    output = WORK / "programs" / f"{name}-{digest.hexdigest()[:16]}"
    if not output.exists():
        output.parent.mkdir(parents=True, exist_ok=True)
        unfinished = output.with_suffix(".unfinished")
        run(command(unfinished))
        unfinished.rename(output)
    return output


def run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)}\nended with status {done.returncode}\n{done.stdout}{done.stderr}")


def runs_here(cpu: str) -> bool:
    if cpu == "arm64":
        return platform.machine() in ("arm64", "aarch64")
    return NEEDS[cpu] <= processor_features()


def processor_features() -> set[str]:
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return set()
    return next((set(line.split(":")[1].split()) for line in text.splitlines() if line.startswith("flags")), set())
