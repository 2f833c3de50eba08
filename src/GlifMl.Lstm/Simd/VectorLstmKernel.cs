using System.Numerics;
using System.Runtime.InteropServices;

namespace GlifMl.Lstm;

/// <summary>
/// The layer in vectors of floats. The batch is cut into tiles of as many traces as the lanes hold; a few rows left over become tiles of
/// one trace with its units in the lanes. Tiles and directions are independent, so they spread over the threads; what they add up to is
/// summed in the tiles' order, so the result is the same bit for bit on any number of threads.
/// </summary>
/// <param name="name">The name a user forces it by.</param>
/// <param name="traces">The pass with traces in the lanes.</param>
/// <param name="unitsFor">The pass with units in the lanes, by hidden size.</param>
internal sealed unsafe class VectorLstmKernel(string name, ILstmTilePass traces, Func<int, ILstmTilePass> unitsFor) : ILstmKernel
{
    // A vector takes that many times longer in a row alone than in a tile: measured 0.9 (hidden 32) to 1.3 (hidden 16).
    private const double CostOfRowAlone = 1.25;

    public string Name => name;

    public long CheckpointFloats(LstmGeometry geometry) =>
        Tiles(geometry, lengths: null).Sum(tile => tile.Pass.Sizes(geometry).KeptFloats(tile.Steps));

    public void Forward(LstmCall call, int threads)
    {
        var tiles = Tiles(call.Geometry, call.Lengths);
        using var weights = new TileWeights(call, tiles, backward: false);
        if (call.Sequence != null && call.Lengths is not null)
            Clear(call.Sequence, call.Geometry.SequenceFloats);
        KernelThreads.Run(new ForwardWork(call, tiles, weights), threads);
    }

    public void Backward(LstmCall call, LstmGradients gradients, int threads)
    {
        var g = call.Geometry;
        var tiles = Tiles(g, call.Lengths);
        using var weights = new TileWeights(call, tiles, backward: true);
        // The directions' input gradients are added up at the end: tiles of both may run at once.
        using var reverse = new NativeFloats(gradients.Input != null && g.Directions == 2 ? g.InputFloats : 0);
        var columns = g.Hidden + g.Inputs + 1;
        var totalsOfTile = (long)LstmGeometry.Gates * g.Hidden * columns;
        using var totals = new NativeFloats(tiles.Length * totalsOfTile * (sizeof(double) / sizeof(float)));
        var inputGradients = new FloatPointers(gradients.Input, gradients.Input == null ? null : reverse.Start);
        if (gradients.Input != null && call.Lengths is not null)
            Clear(gradients.Input, g.InputFloats);

        KernelThreads.Run(new BackwardWork(call, gradients, tiles, weights, inputGradients, (double*)totals.Start), threads);

        for (var direction = 0; direction < g.Directions; direction++)
            SumTotals(g, tiles, direction, (double*)totals.Start, gradients.Parameters[direction]);
        if (gradients.Input != null && g.Directions == 2)
            AddTo(gradients.Input, reverse.Start, g.InputFloats);
    }

    private static void Clear(float* values, long count) => NativeMemory.Clear(values, (nuint)(count * sizeof(float)));

    private static void AddTo<T>(T* to, T* from, long count)
        where T : unmanaged, INumberBase<T>
    {
        long n = 0;
        for (; n + Vector<T>.Count <= count; n += Vector<T>.Count)
            (Vector.Load(to + n) + Vector.Load(from + n)).Store(to + n);
        for (; n < count; n++)
            to[n] += from[n];
    }

    /// <summary>Adds the tiles' totals to those of the direction's first, tile by tile, and writes them out.</summary>
    private static void SumTotals(LstmGeometry g, LstmTile[] tiles, int direction, double* totals, LstmParameters gradients)
    {
        var columns = g.Hidden + g.Inputs + 1;
        var rows = LstmGeometry.Gates * g.Hidden;
        var totalsOfTile = (long)rows * columns;
        double* sum = null;
        for (var tile = 0; tile < tiles.Length; tile++)
        {
            if (tiles[tile].Direction != direction)
                continue;
            if (sum == null)
                sum = totals + tile * totalsOfTile;
            else
                AddTo(sum, totals + tile * totalsOfTile, totalsOfTile);
        }

        for (var row = 0; row < rows; row++, sum += columns)
        {
            for (var k = 0; k < g.Hidden; k++)
                gradients.HiddenWeights[row * g.Hidden + k] = (float)sum[k];
            for (var k = 0; k < g.Inputs; k++)
                gradients.InputWeights[row * g.Inputs + k] = (float)sum[g.Hidden + k];
            gradients.InputBias[row] = gradients.HiddenBias[row] = (float)sum[columns - 1];
        }
    }

    private LstmTile[] Tiles(LstmGeometry g, int[]? lengths)
    {
        List<LstmTile> tiles = [];
        var units = unitsFor(g.Hidden);
        TileSizes traceSizes = traces.Sizes(g),
            unitSizes = units.Sizes(g);
        long checkpoints = 0;
        for (int row = 0, rows; row < g.Batch; row += rows)
        {
            var left = g.Batch - row;
            // A tile takes a vector for each hidden unit, however many of its lanes are idle; a row alone as many as its units fill.
            var byUnits = left * CostOfRowAlone * unitSizes.StateVectors <= traceSizes.StateVectors;
            rows = byUnits ? 1 : Math.Min(left, traceSizes.Traces);
            var sizes = byUnits ? unitSizes : traceSizes;
            var steps = lengths is null ? g.Time : lengths.AsSpan(row, rows).ToArray().Max();
            for (var direction = 0; direction < g.Directions; direction++)
            {
                tiles.Add(new(byUnits ? units : traces, direction, row, rows, steps, checkpoints));
                checkpoints += sizes.KeptFloats(steps);
            }
        }

        return [.. tiles];
    }

    /// <summary>An input gradient for each direction.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly struct FloatPointers(float* forward, float* reverse)
    {
        public float* Of(int direction) => direction == 0 ? forward : reverse;
    }

    private sealed class ForwardWork(LstmCall call, LstmTile[] tiles, TileWeights weights) : KernelWork
    {
        public override int Items => tiles.Length;

        public override void Execute(int item)
        {
            var tile = tiles[item];
            var packed = weights.Of(tile);
            tile.Pass.Forward(call, tile, packed.Sizes, packed.Weights);
        }
    }

    private sealed class BackwardWork(
        LstmCall call,
        LstmGradients gradients,
        LstmTile[] tiles,
        TileWeights weights,
        FloatPointers inputGradients,
        double* totals
    ) : KernelWork
    {
        public override int Items => tiles.Length;

        public override void Execute(int item)
        {
            var g = call.Geometry;
            var tile = tiles[item];
            var packed = weights.Of(tile);
            var tileTotals = totals + (long)item * LstmGeometry.Gates * g.Hidden * packed.Sizes.Operands;
            tile.Pass.Backward(call, gradients, tile, packed.Sizes, packed.Weights, inputGradients.Of(tile.Direction), tileTotals);
        }
    }
}
