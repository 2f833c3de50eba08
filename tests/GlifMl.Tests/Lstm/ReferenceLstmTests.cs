using GlifMl.Lstm;

namespace GlifMl.Tests.Lstm;

public class ReferenceLstmTests
{
    [Theory]
    [InlineData(1, 1, 1, 1, 1, false)]
    [InlineData(3, 7, 2, 3, 2, true)]
    [InlineData(2, 12, 1, 5, 2, false)]
    public void Backward_RandomLayer_AgreesWithFiniteDifferences(int batch, int time, int inputs, int hidden, int directions, bool ragged)
    {
        var problem = new LstmProblem(new(batch, time, inputs, hidden, directions), seed: 5, weightScale: 2, ragged);
        var parameters = problem.ReferenceParameters();
        var arguments = problem.ReferenceInputs();
        var lstm = new ReferenceLstm(problem.Geometry, parameters);
        var weights = problem.ReferenceOutputGradients();
        var gradients = lstm.Backward(arguments, weights);

        double Loss()
        {
            var o = lstm.Forward(arguments);
            return Dot(o.FinalHidden, weights.FinalHidden)
                + Dot(o.FinalCell, weights.FinalCell)
                + Dot(o.TimeMean, weights.TimeMean)
                + Dot(o.Sequence, weights.Sequence);
        }

        void Check(double[] values, double[] expected)
        {
            // Central differences: error h^2 times the third derivative, and 1e-16 / h of rounding; both near 1e-10 at h = 1e-5.
            const double step = 1e-5;
            for (var n = 0; n < values.Length; n++)
            {
                var value = values[n];
                values[n] = value + step;
                var above = Loss();
                values[n] = value - step;
                var below = Loss();
                values[n] = value;
                Assert.Equal((above - below) / (2 * step), expected[n], 1e-8);
            }
        }

        for (var direction = 0; direction < directions; direction++)
        {
            Check(parameters[direction].InputWeights, gradients.Parameters[direction].InputWeights);
            Check(parameters[direction].HiddenWeights, gradients.Parameters[direction].HiddenWeights);
            Check(parameters[direction].InputBias, gradients.Parameters[direction].InputBias);
            Check(parameters[direction].HiddenBias, gradients.Parameters[direction].HiddenBias);
        }

        Check(arguments.Input, gradients.Input);
        Check(arguments.InitialHidden!, gradients.InitialHidden);
        Check(arguments.InitialCell!, gradients.InitialCell);
    }

    private static double Dot(double[] left, double[] right) => left.Zip(right, (l, r) => l * r).Sum();
}
