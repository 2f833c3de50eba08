using GlifMl.Torch;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GlifMl.Tests.Torch.Training;

[Collection(TorchTests.Name)]
public sealed class AdamTests
{
    public AdamTests() => TorchRuntime.EnsureLoaded();

    [Fact]
    public void Step_LeastSquares_FollowsTorchsAdam() =>
        AssertFollows(25, parameters => new ParameterSteps(parameters), parameters => optim.Adam(parameters, 0.05));

    /// <summary>Two copies of a linear layer, one moved by ours and one by torch's, are the same after some steps of rate 0.05.</summary>
    internal static void AssertFollows(
        int steps,
        Func<IEnumerable<Parameter>, ParameterSteps> moves,
        Func<IEnumerable<Parameter>, optim.Optimizer> torchs
    )
    {
        using var scope = NewDisposeScope();
        random.manual_seed(5);
        var (x, y) = (randn(16, 3), randn(16, 2));
        var (ours, theirs) = (nn.Linear(3, 2), nn.Linear(3, 2));
        foreach (var (from, to) in ours.parameters().Zip(theirs.parameters()))
            TensorMemory.Fill(to, TensorMemory.Copy(from));
        var (moved, reference) = (moves(ours.parameters()), torchs(theirs.parameters()));

        for (var step = 0; step < steps; step++)
        {
            moved.ZeroGradients();
            nn.functional.mse_loss(ours.forward(x), y).backward();
            moved.Step(0.05, clipNorm: 0);
            reference.zero_grad();
            nn.functional.mse_loss(theirs.forward(x), y).backward();
            reference.step();
        }

        foreach (var (expected, actual) in theirs.parameters().Zip(ours.parameters()))
            Assert.All(TensorMemory.Copy(expected).Zip(TensorMemory.Copy(actual)), pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
    }

    // With one gradient g throughout, both moments are unbiased: m = g and v = g^2, so each step is the learning rate against g's sign.
    [Fact]
    public void Step_ConstantGradient_MovesByTheLearningRate()
    {
        using var scope = NewDisposeScope();
        var parameter = Parameter([1, -2]);
        var adam = new ParameterSteps([parameter]);
        for (var step = 1; step <= 10; step++)
        {
            adam.ZeroGradients();
            SetGradient(parameter, [3, -4]);
            Assert.Equal(5, adam.Step(0.01, clipNorm: 0), 1e-6);
            var values = TensorMemory.Copy(parameter);
            Assert.Equal(1 - (0.01f * step), values[0], 1e-5f);
            Assert.Equal(-2 + (0.01f * step), values[1], 1e-5f);
        }

        Assert.Equal(10, adam.Steps);
    }

    [Theory]
    [InlineData(1, 0.6f, -0.8f)]
    [InlineData(5.1, 3, -4)]
    public void Step_ClipNorm_ScalesLargerGradientsDownToIt(double clipNorm, float first, float second)
    {
        using var scope = NewDisposeScope();
        var parameter = Parameter([0, 0]);
        var adam = new ParameterSteps([parameter]);
        SetGradient(parameter, [3, -4]);
        adam.Step(0.01, clipNorm);
        var moments = adam.Save();
        Assert.Equal([0.1f * first, 0.1f * second], moments.First[0], (a, b) => Math.Abs(a - b) < 1e-6f);
        Assert.Equal([0.001f * first * first, 0.001f * second * second], moments.Second[0], (a, b) => Math.Abs(a - b) < 1e-6f);
    }

    [Fact]
    public void Restore_SavedMoments_ContinuesAsIfUnbroken()
    {
        using var scope = NewDisposeScope();
        var (unbroken, broken) = (Parameter([1, 2]), Parameter([1, 2]));
        var adam = new ParameterSteps([unbroken]);
        var before = new ParameterSteps([broken]);
        Run(adam, unbroken, 0, 3);
        Run(before, broken, 0, 3);
        var after = new ParameterSteps([broken]);
        var (steps, first, second) = before.Save();
        after.Restore(steps, first, second);
        Run(adam, unbroken, 3, 6);
        Run(after, broken, 3, 6);
        Assert.Equal(TensorMemory.Copy(unbroken), TensorMemory.Copy(broken));
    }

    [Fact]
    public void Step_ParameterWithoutGradient_IsLeft()
    {
        using var scope = NewDisposeScope();
        var parameter = Parameter([1, 2]);
        var adam = new ParameterSteps([parameter]);
        adam.ZeroGradients();
        Assert.Equal(0, adam.Step(0.1, clipNorm: 1));
        Assert.Equal([1, 2], TensorMemory.Copy(parameter));
    }

    private static void Run(ParameterSteps adam, Tensor parameter, int from, int to)
    {
        for (var step = from; step < to; step++)
        {
            SetGradient(parameter, [step - 2.5f, 1f / (step + 1)]);
            adam.Step(0.1, clipNorm: 0);
        }
    }

    private static Tensor Parameter(float[] values) => tensor(values, requires_grad: true);

    private static void SetGradient(Tensor parameter, float[] gradient) => parameter.grad = tensor(gradient);
}
