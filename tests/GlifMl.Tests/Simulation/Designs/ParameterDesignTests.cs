using CsCheck;
using GlifMl.Simulation;

namespace GlifMl.Tests.Simulation;

public sealed class ParameterDesignTests
{
    private static readonly ParameterRange[] Cell =
    [
        new("C", 30e-12, 400e-12, true),
        new("El", -0.01, 0.01),
        new("R_input", 60e6, 600e6, true),
    ];

    [Fact]
    public void Grid_CaseStudy_LastKeyFastest()
    {
        var grid = ParameterDesign.Grid([new("C", [1, 2]), new("El", [10, 20, 30]), new("dt", [5, 6])]);
        Assert.Equal(12, grid.Count);
        Assert.Equal([1, 10, 5], grid.Point(0));
        Assert.Equal([1, 10, 6], grid.Point(1));
        Assert.Equal([1, 20, 5], grid.Point(2));
        Assert.Equal([2, 30, 6], grid.Point(11));
        Assert.Throws<ArgumentOutOfRangeException>(() => grid.Point(12));
        Assert.Throws<ArgumentOutOfRangeException>(() => grid.Point(-1));
    }

    [Fact]
    public void Sobol_FirstFiveDimensions_AreThePublishedPoints()
    {
        double[][] published =
        [
            [0, 0, 0, 0, 0],
            [0.5, 0.5, 0.5, 0.5, 0.5],
            [0.75, 0.25, 0.25, 0.25, 0.75],
            [0.25, 0.75, 0.75, 0.75, 0.25],
            [0.375, 0.375, 0.625, 0.875, 0.375],
            [0.875, 0.875, 0.125, 0.375, 0.875],
            [0.625, 0.125, 0.875, 0.625, 0.625],
            [0.125, 0.625, 0.375, 0.125, 0.125],
        ];
        var sobol = ParameterDesign.Sobol(UnitCube(5));
        for (var i = 0; i < published.Length; i++)
            Assert.Equal(published[i], sobol.Point(i));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(7UL)]
    public void Sobol_EveryDimensionAndBlock_HasOnePointAStratum(ulong? seed)
    {
        const int Block = 256;
        var sobol = ParameterDesign.Sobol(UnitCube(21), seed);
        for (var block = 0; block < 4; block++)
        {
            var points = Enumerable.Range(block * Block, Block).Select(i => sobol.Point(i)).ToArray();
            for (var key = 0; key < 21; key++)
            {
                Assert.Equal(Enumerable.Range(0, Block), points.Select(point => (int)(point[key] * Block)).Order());
            }
        }
    }

    [Fact]
    public void Sobol_EveryPairOfDimensions_HasLowerDiscrepancyThanRandomPoints()
    {
        // Warnock's closed form of the squared L2 star discrepancy.
        static double Discrepancy(double[][] points, int a, int b)
        {
            double n = points.Length;
            var single = points.Sum(p => (1 - p[a] * p[a]) * (1 - p[b] * p[b]));
            var pairs = points.Sum(p => points.Sum(q => (1 - Math.Max(p[a], q[a])) * (1 - Math.Max(p[b], q[b]))));
            return 1.0 / 9 - single / (2 * n) + pairs / (n * n);
        }
        var sobol = Enumerable.Range(0, 256).Select(i => ParameterDesign.Sobol(UnitCube(6)).Point(i)).ToArray();
        var random = Enumerable.Range(0, 256).Select(i => ParameterDesign.Uniform(UnitCube(6), 1).Point(i)).ToArray();
        for (var a = 0; a < 6; a++)
        {
            for (var b = 0; b < a; b++)
                Assert.True(Discrepancy(sobol, a, b) < 0.2 * Discrepancy(random, a, b), $"{a},{b}");
        }
    }

    [Fact]
    public void LatinHypercube_EveryDimension_HasOnePointAStratum()
    {
        var design = ParameterDesign.LatinHypercube(UnitCube(4), 1000, 3);
        Assert.Equal(1000, design.Count);
        for (var key = 0; key < 4; key++)
        {
            Assert.Equal(Enumerable.Range(0, 1000), Enumerable.Range(0, 1000).Select(i => (int)(design.Point(i)[key] * 1000)).Order());
        }
    }

    [Fact]
    public void Points_AnySeedAndIndex_AreRepeatableAndInRange() =>
        Gen.Select(Gen.ULong, Gen.Long[0, 999])
            .Sample(
                (seed, index) =>
                {
                    foreach (
                        var make in new Func<ParameterDesign>[]
                        {
                            () => ParameterDesign.Uniform(Cell, seed),
                            () => ParameterDesign.Sobol(Cell, seed),
                            () => ParameterDesign.LatinHypercube(Cell, 1000, seed),
                        }
                    )
                    {
                        var point = make().Point(index);
                        Assert.Equal(point, make().Point(index));
                        Assert.All(point.Zip(Cell), pair => Assert.InRange(pair.First, pair.Second.Low, pair.Second.High));
                    }
                },
                iter: 200
            );

    [Fact]
    public void Uniform_LogarithmicRange_HasItsMedianAtTheGeometricMean()
    {
        var design = ParameterDesign.Uniform(Cell, 5);
        var below = Enumerable.Range(0, 10_000).Count(i => design.Point(i)[0] < Math.Sqrt(30e-12 * 400e-12));
        Assert.InRange(below, 4_800, 5_200);
    }

    [Fact]
    public void Ranges_Impossible_SayWhatWasFound()
    {
        var logarithmic = Assert.Throws<ArgumentException>(() => ParameterDesign.Uniform([new("El", -0.1, 0.1, true)], 1));
        Assert.Equal("range of El: found -0.1 as lower end; expected a positive number for a logarithmic range", logarithmic.Message);
        var reversed = Assert.Throws<ArgumentException>(() => ParameterDesign.Sobol([new("C", 2, 1)]));
        Assert.Equal("range of C: found 2 to 1; expected finite numbers, the lower first", reversed.Message);
        var many = Assert.Throws<ArgumentException>(() => ParameterDesign.Sobol(UnitCube(22)));
        Assert.Equal("Sobol design: found 22 parameters; expected at most 21", many.Message);
    }

    private static ParameterRange[] UnitCube(int dimensions) =>
        [.. Enumerable.Range(0, dimensions).Select(d => new ParameterRange($"p{d}", 0, 1))];
}
