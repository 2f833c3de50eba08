using GlifMl.Lstm;

namespace GlifMl.Tests.Lstm;

public class LstmForwardTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Run_RandomLayer_AgreesWithDouble(int directions)
    {
        var problem = new LstmProblem(new(3, 30, 2, 5, directions), seed: 2, ragged: true);
        var outputs = LstmOutputArrays.Of(problem.Geometry);
        var layer = Layer(problem);
        LstmForward.Run(layer, problem.Input, 3, 30, outputs.FinalHidden, outputs.TimeMean, outputs.Sequence, problem.Lengths);
        var expected = problem.Reference().Forward(problem.ReferenceInputs() with { InitialHidden = null, InitialCell = null });
        Assert.All(outputs.FinalHidden.Zip(expected.FinalHidden), h => Assert.Equal(h.Second, h.First, 1e-6));
        Assert.All(outputs.TimeMean.Zip(expected.TimeMean), h => Assert.Equal(h.Second, h.First, 1e-6));
        Assert.All(outputs.Sequence.Zip(expected.Sequence), h => Assert.Equal(h.Second, h.First, 1e-6));
    }

    [Fact]
    public void Run_WrongSizes_SaysWhatWasExpected()
    {
        var problem = new LstmProblem(new(3, 30, 2, 5, 1), seed: 2);
        var layer = Layer(problem);
        var short1 = Assert.Throws<ArgumentException>(() => LstmForward.Run(layer, new float[179], 3, 30, new float[15]));
        Assert.Equal("found 179 numbers of input; expected 180", short1.Message);
    }

    private static LstmLayer Layer(LstmProblem problem) =>
        new(problem.Geometry.Inputs, problem.Geometry.Hidden, [.. problem.Parameters.Select(p => new LstmWeights(p[0], p[1], p[2], p[3]))]);
}
