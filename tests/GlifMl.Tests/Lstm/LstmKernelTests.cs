using CsCheck;
using GlifMl.Lstm;

namespace GlifMl.Tests.Lstm;

public class LstmKernelTests
{
    private const double ForwardTolerance = 1e-6;
    private const double GradientTolerance = 1e-5;

    // A sum of up to 80 products, each rounded to 2^-24, is off by about sqrt(80) 2^-24 of its terms.
    private const double BackwardError = 5e-7;

    private static readonly Gen<LstmProblem> Problems = Gen.Select(
            Gen.Int[1, 40],
            Gen.Int[1, 80],
            Gen.Frequency((4, Gen.Int[1, 8]), (1, Gen.Int[9, 40])),
            Gen.Int[1, 40],
            Gen.Int[1, 2],
            Gen.Int,
            Gen.Double[0.1, 4],
            Gen.Bool
        )
        .Select(
            (batch, time, inputs, hidden, directions, seed, scale, ragged) =>
                new LstmProblem(new(batch, time, inputs, hidden, directions), seed, scale, ragged)
        );

    // Short traces keep their tape, long ones recompute it: the same kernels again, keeping nothing.
    private static readonly IReadOnlyList<ILstmKernel> Recomputing = LstmKernels.List(keptTapeBytes: 0);

    public static TheoryData<string> Kernels => [.. LstmKernels.Available.Select(kernel => kernel.Name)];

    public static TheoryData<string, bool> KernelsAndTapes
    {
        get
        {
            var data = new TheoryData<string, bool>();
            // The scalar kernel is the reference itself.
            foreach (var kernel in LstmKernels.Available.Where(kernel => kernel is not ScalarLstmKernel))
            {
                data.Add(kernel.Name, false);
                data.Add(kernel.Name, true);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(KernelsAndTapes))]
    public void Run_RandomLayers_AgreesWithDouble(string kernel, bool recomputing) =>
        Problems.Sample(problem => AssertAgrees(Kernel(kernel, recomputing), problem), iter: 40, threads: 1);

    // Found at random: a chaotic layer, and one unit whose gates saturate, so that 1 - gate is mostly rounding.
    [Theory]
    [MemberData(nameof(KernelsAndTapes))]
    public void Run_FoundLayers_AgreesWithDouble(string kernel, bool recomputing)
    {
        foreach (var seed in (string[])["0N0XIzNsQ0O2", "53Q0eq8dbp42"])
            Problems.Sample(problem => AssertAgrees(Kernel(kernel, recomputing), problem), iter: 1, seed: seed, threads: 1);
    }

    [Theory]
    [MemberData(nameof(KernelsAndTapes))]
    public void Run_EveryHiddenSizeTo20_AgreesWithDouble(string kernel, bool recomputing)
    {
        for (var hidden = 1; hidden <= 20; hidden++)
        {
            AssertAgrees(Kernel(kernel, recomputing), new(new(17, 9, 1, hidden, 2), seed: hidden));
            AssertAgrees(Kernel(kernel, recomputing), new(new(1, 9, 1, hidden, 2), seed: hidden));
        }
    }

    [Theory]
    [MemberData(nameof(KernelsAndTapes))]
    public void Run_Hidden128_AgreesWithDouble(string kernel, bool recomputing) =>
        AssertAgrees(Kernel(kernel, recomputing), new(new(17, 12, 3, 128, 2), seed: 7));

    [Theory]
    [MemberData(nameof(KernelsAndTapes))]
    public void Run_SaturatedGates_AgreesWithDouble(string kernel, bool recomputing)
    {
        // Two biases of +-40 close or open each gate beyond what float resolves, or leave it to the weights; those of +-4 nearly close it.
        foreach (var (bias, weightScale) in ((float, double)[])[(40, 1), (40, 4), (4, 1), (4, 4)])
        {
            var problem = new LstmProblem(new(18, 50, 2, 6, 2), seed: 3, weightScale, ragged: true);
            foreach (var biases in problem.Parameters.SelectMany(p => p[2..]))
            {
                for (var n = 0; n < biases.Length; n++)
                    biases[n] = biases[n] > 0 ? bias : -bias;
            }

            AssertAgrees(Kernel(kernel, recomputing), problem);
        }
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Run_HeldCell_KeepsItsStateExactly(string kernel)
    {
        // Forget gate at 1, input gate at 0: the cell state must come out as it went in, however long the trace.
        var g = new LstmGeometry(6, 10_000, 1, 3, 1);
        var problem = new LstmProblem(g, seed: 1, weightScale: 0.1);
        for (var unit = 0; unit < g.Hidden; unit++)
        {
            problem.Parameters[0][2][unit] = -100;
            problem.Parameters[0][2][g.Hidden + unit] = 100;
        }

        var (outputs, _) = KernelRunner.Run(LstmKernels.Named(kernel), problem);
        Assert.All(outputs.FinalCell.Zip(problem.InitialCell), cell => Assert.Equal(cell.Second, cell.First, 1e-9));
    }

    [Theory]
    [MemberData(nameof(KernelsAndTapes))]
    public void Run_GradientOfFinalStatesAlone_StopsWhereItIsSpentAndAgreesWithDouble(string kernel, bool recomputing)
    {
        // One row alone, whole tiles, a tile with idle lanes; hidden 20 has several vectors of units.
        foreach (var (batch, hidden, ragged) in ((int, int, bool)[])[(1, 5, false), (37, 5, false), (37, 5, true), (3, 20, true)])
        {
            var problem = new LstmProblem(new(batch, 2_500, 2, hidden, 2), seed: 5, ragged: ragged, finalStatesOnly: true);
            AssertAgrees(Kernel(kernel, recomputing), problem);
            var (_, gradients) = KernelRunner.Run(Kernel(kernel, recomputing), problem);
            // In a full row, 2,500 forget gates near 1/2 leave nothing: neither a denormal that rounds to itself nor what was in the memory
            // before.
            if (!ragged)
                Assert.All(gradients.InitialHidden.Concat(gradients.InitialCell), gradient => Assert.Equal(0, gradient));
        }
    }

    [Theory]
    [InlineData("vector128", 1)]
    [InlineData("vector256", 2)]
    [InlineData("vector512", 1)]
    [InlineData("vector512", 5)]
    public void Run_50000Steps_AgreesWithDouble(string kernel, int batch)
    {
        if (LstmKernels.Available.Any(k => k.Name == kernel))
            AssertAgrees(LstmKernels.Named(kernel), new(new(batch, 50_000, 1, 5, 2), seed: 11, weightScale: 2));
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Run_ShorterRow_GivesWhatItGivesAlone(string kernel)
    {
        var together = new LstmProblem(new(5, 40, 2, 5, 2), seed: 9, ragged: true);
        var (outputs, _) = KernelRunner.Run(LstmKernels.Named(kernel), together);
        for (var row = 0; row < 5; row++)
        {
            var length = together.Lengths![row];
            var alone = together.Row(row, length);
            var expected = KernelRunner.Run(LstmKernels.Named(kernel), alone).Outputs;
            // The tile of a lone row may use another vector width: the same up to rounding.
            Assert.All(expected.FinalHidden.Zip(outputs.FinalHidden.Skip(row * 10)), h => Assert.Equal(h.First, h.Second, 3e-7f));
            Assert.All(expected.TimeMean.Zip(outputs.TimeMean.Skip(row * 10)), h => Assert.Equal(h.First, h.Second, 3e-7f));
            Assert.All(outputs.Sequence.Skip((row * 40 + length) * 10).Take((40 - length) * 10), h => Assert.Equal(0, h));
        }
    }

    [Theory]
    [MemberData(nameof(KernelsAndTapes))]
    public void Run_AnyThreadCount_SameBits(string kernel, bool recomputing)
    {
        var problem = new LstmProblem(new(37, 300, 3, 7, 2), seed: 4, ragged: true);
        var one = KernelRunner.Run(Kernel(kernel, recomputing), problem, threads: 1);
        foreach (var threads in (int[])[2, 5])
        {
            var many = KernelRunner.Run(Kernel(kernel, recomputing), problem, threads);
            Assert.All(one.Outputs.All.Zip(many.Outputs.All), pair => Assert.Equal(pair.First.Values, pair.Second.Values));
            Assert.All(one.Gradients.All.Zip(many.Gradients.All), pair => Assert.Equal(pair.First.Values, pair.Second.Values));
        }
    }

    [Fact]
    public void CheckpointFloats_LongTrace_AreAFractionOfTheStates()
    {
        var g = new LstmGeometry(16, 50_000, 1, 5, 2);
        Assert.All(LstmKernels.Available, kernel => Assert.InRange(kernel.CheckpointFloats(g), 0, g.SequenceFloats / 4));
    }

    [Fact]
    public void Named_UnknownKernel_ListsTheAvailable()
    {
        var thrown = Assert.Throws<ArgumentException>(() => LstmKernels.Named("vector1024"));
        Assert.StartsWith("found LSTM kernel 'vector1024'; expected one of scalar, ", thrown.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("scalar", "scalar")]
    [InlineData("SCALAR", "scalar")]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void Choose_ValueOfTheVariable_IsThatKernelOrTheWidest(string? variable, string? expected) =>
        Assert.Equal(expected ?? LstmKernels.Available[^1].Name, LstmKernels.Choose(variable).Name);

    [Fact]
    public void Choose_UnknownKernel_NamesTheVariable()
    {
        var thrown = Assert.Throws<ArgumentException>(() => LstmKernels.Choose("avx9"));
        Assert.StartsWith("GLIFML_KERNEL: found LSTM kernel 'avx9'; expected one of scalar, ", thrown.Message, StringComparison.Ordinal);
    }

    private static ILstmKernel Kernel(string name, bool recomputing) =>
        recomputing ? Recomputing.Single(kernel => kernel.Name == name) : LstmKernels.Named(name);

    /// <summary>
    /// Outputs within 1e-6 and gradients within 1e-5 of the double reference, or, where the layer itself magnifies rounding, within what
    /// relative changes of <see cref="BackwardError"/> in its weights, gates and states do to the reference's own (the largest of three
    /// draws). Large weights make a layer sensitive, up to chaos: then no float computation comes nearer, since rounding a product is such
    /// a change of a weight, and keeping a gate such a change of the gate.
    /// </summary>
    private static void AssertAgrees(ILstmKernel kernel, LstmProblem problem)
    {
        var (outputs, gradients) = KernelRunner.Run(kernel, problem);
        var exact = ReferenceRun(problem, problem.Reference());
        var rounded = new Lazy<List<List<double[]>>>(() =>
            [.. Enumerable.Range(1, 3).Select(seed => ReferenceRun(problem, problem.RoundedReference(BackwardError, seed)))]
        );
        (string Name, float[] Values)[] results = [.. outputs.All, .. gradients.All];
        for (var n = 0; n < results.Length; n++)
        {
            var isGradient = n >= outputs.All.Count();
            var (name, values) = results[n];
            double Error(IEnumerable<double> found) => isGradient ? GradientError(found, exact[n]) : OutputError(found, exact[n]);
            var error = Error(values.Select(value => (double)value));
            if (error <= (isGradient ? GradientTolerance : ForwardTolerance))
                continue;
            var condition = rounded.Value.Max(run => Error(run[n]));
            Assert.True(
                error <= condition,
                $"{kernel.Name} {problem.Geometry}: {(isGradient ? "gradient of " : "")}{name} is off by {error:E1}, "
                    + $"changes of {BackwardError:E0} in the reference make {condition:E1}"
            );
        }
    }

    /// <summary>The outputs, then the gradients.</summary>
    private static List<double[]> ReferenceRun(LstmProblem problem, ReferenceLstm reference)
    {
        var inputs = problem.ReferenceInputs();
        return [.. All(reference.Forward(inputs)), .. All(reference.Backward(inputs, problem.ReferenceOutputGradients()))];
    }

    // A cell state may be far above 1; its error is then relative.
    private static double OutputError(IEnumerable<double> values, double[] exact) =>
        values.Zip(exact, (v, e) => Math.Abs(v - e) / Math.Max(1, Math.Abs(e))).Max();

    // Norm-wise over each tensor.
    private static double GradientError(IEnumerable<double> values, double[] exact) =>
        Norm(values.Zip(exact, (v, e) => v - e)) / Math.Max(Norm(exact), 1e-6);

    private static IEnumerable<double[]> All(ReferenceOutputs o) => [o.FinalHidden, o.FinalCell, o.TimeMean, o.Sequence];

    private static IEnumerable<double[]> All(ReferenceGradients g) =>
        g
            .Parameters.SelectMany(p => (double[][])[p.InputWeights, p.HiddenWeights, p.InputBias, p.HiddenBias])
            .Concat([g.Input, g.InitialHidden, g.InitialCell]);

    private static double Norm(IEnumerable<double> values) => Math.Sqrt(values.Sum(value => value * value));
}
