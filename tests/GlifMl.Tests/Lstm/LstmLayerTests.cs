using GlifMl.Lstm;

namespace GlifMl.Tests.Lstm;

public class LstmLayerTests
{
    public static TheoryData<string> Kernels => [.. LstmKernels.Available.Select(kernel => kernel.Name)];

    [Theory]
    [MemberData(nameof(Kernels))]
    public void ForwardAndBackward_RaggedBatch_AgreeWithDouble(string kernel)
    {
        var problem = new LstmProblem(new(5, 30, 2, 6, 2), seed: 8, ragged: true);
        var inputs = problem.ReferenceInputs() with { InitialHidden = null, InitialCell = null };
        var expected = problem.Reference().Forward(inputs);
        var expectedGradients = problem.Reference().Backward(inputs, problem.ReferenceOutputGradients());

        var pass = Layer(problem)
            .Forward(
                problem.Input,
                batch: 5,
                new LstmPassOptions
                {
                    FinalCell = true,
                    TimeMean = true,
                    Sequence = true,
                    Differentiable = true,
                    Lengths = problem.Lengths,
                    Kernel = LstmKernels.Named(kernel),
                }
            );
        var d = problem.OutputGradients;
        var gradients = pass.Backward(d.FinalHidden, d.FinalCell, d.TimeMean, d.Sequence);

        AssertClose(expected.FinalHidden, pass.FinalHidden, 1e-6);
        AssertClose(expected.FinalCell, pass.FinalCell, 1e-6);
        AssertClose(expected.TimeMean, pass.TimeMean, 1e-6);
        AssertClose(expected.Sequence, pass.Sequence, 1e-6);
        AssertClose(expectedGradients.Input, gradients.Input, 1e-5);
        for (var direction = 0; direction < 2; direction++)
        {
            var (exact, found) = (expectedGradients.Parameters[direction], gradients.Directions[direction]);
            AssertClose(exact.InputWeights, found.InputWeights, 1e-5);
            AssertClose(exact.HiddenWeights, found.HiddenWeights, 1e-5);
            AssertClose(exact.InputBias, found.InputBias, 1e-5);
            AssertClose(exact.HiddenBias, found.HiddenBias, 1e-5);
        }
    }

    [Fact]
    public void Forward_NothingAskedFor_GivesFinalStatesAlone()
    {
        var problem = new LstmProblem(new(2, 10, 1, 3, 1), seed: 1);

        var pass = Layer(problem).Forward(problem.Input, batch: 2);

        Assert.Equal(6, pass.FinalHidden.Length);
        Assert.Empty(pass.FinalCell);
        Assert.Empty(pass.TimeMean);
        Assert.Empty(pass.Sequence);
        Assert.Equal(
            $"found a pass that kept nothing for its gradients; expected one with {nameof(LstmPassOptions.Differentiable)}",
            Assert.Throws<InvalidOperationException>(() => pass.Backward(new float[6])).Message
        );
    }

    [Fact]
    public void Directions_WrittenTo_ChangeTheNextPass()
    {
        var problem = new LstmProblem(new(2, 10, 1, 3, 1), seed: 1);
        var layer = Layer(problem);
        var before = layer.Forward(problem.Input, batch: 2).FinalHidden;

        problem.Parameters[0][0].AsSpan().Clear();
        Assert.Equal(before, layer.Forward(problem.Input, batch: 2).FinalHidden);
        layer.Directions[0].InputWeights.AsSpan().Clear();
        Assert.NotEqual(before, layer.Forward(problem.Input, batch: 2).FinalHidden);
    }

    [Fact]
    public void Constructor_WrongSizes_SaysWhatWasExpected()
    {
        static void Expect(string message, Func<LstmLayer> create) =>
            Assert.StartsWith(message, Assert.Throws<ArgumentException>(() => create()).Message, StringComparison.Ordinal);

        Expect("found weights of 0 directions; expected 1 or 2", () => new LstmLayer(1, 2));
        Expect(
            "found 15 numbers of hidden weights; expected 16",
            () => new LstmLayer(1, 2, new LstmWeights(new float[8], new float[15], new float[8], new float[8]))
        );
    }

    [Fact]
    public void Forward_WrongSizes_SaysWhatWasExpected()
    {
        var layer = Layer(new LstmProblem(new(2, 10, 2, 3, 1), seed: 1));
        void Expect(string message, int numbers, int[]? lengths = null) =>
            Assert.StartsWith(
                message,
                Assert.Throws<ArgumentException>(() => layer.Forward(new float[numbers], batch: 2, new() { Lengths = lengths })).Message,
                StringComparison.Ordinal
            );

        Expect("found 39 numbers of input; expected a multiple of batch 2 x 2 channels", 39);
        Expect("found 0 numbers of input; expected a multiple of batch 2 x 2 channels", 0);
        Expect("found 1 lengths; expected one for each of 2 rows", 40, [10]);
        Expect("found length 11 in row 1; expected 1 to 10", 40, [10, 11]);
    }

    private static LstmLayer Layer(LstmProblem problem) =>
        new(problem.Geometry.Inputs, problem.Geometry.Hidden, [.. problem.Parameters.Select(p => new LstmWeights(p[0], p[1], p[2], p[3]))]);

    private static void AssertClose(double[] expected, float[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, tolerance * Math.Max(1, Math.Abs(pair.First))));
    }
}
