namespace GlifMl.Lstm;

/// <summary>One direction's parameters in the order the kernel walks them.</summary>
internal static unsafe class PackedWeights
{
    private const int Gates = LstmGeometry.Gates;

    // The forward kernel computes exp(-z) = 2^(-z log2 e), and for tanh exp(-2 z): the factors are multiplied into the weights.
    private const double SigmoidFactor = -1.4426950408889634;
    private const double TanhFactor = 2 * SigmoidFactor;

    /// <summary>The factor that turns a cell state c into the exponent of exp(-2 c) = 2^x.</summary>
    public const float CellFactor = (float)TanhFactor;

    /// <summary>[unit vector][bias, samples, hidden states][gate], scaled to exponents of two. Padding stays as it is: zeros.</summary>
    public static void Forward(LstmParameters p, TileSizes sizes, float* packed)
    {
        var g = sizes.Geometry;
        for (var unit = 0; unit < g.Hidden; unit++)
        {
            for (var gate = 0; gate < Gates; gate++)
            {
                var row = gate * g.Hidden + unit;
                var factor = gate == 2 ? TanhFactor : SigmoidFactor;
                var to = packed + unit / sizes.UnitsPerVector * sizes.UnitWeights + unit % sizes.UnitsPerVector + gate * sizes.WeightStride;
                var stride = Gates * sizes.WeightStride;
                *to = (float)(factor * ((double)p.InputBias[row] + p.HiddenBias[row]));
                for (var k = 0; k < g.Inputs; k++)
                    *(to += stride) = (float)(factor * p.InputWeights[row * g.Inputs + k]);
                for (var k = 0; k < g.Hidden; k++)
                    *(to += stride) = (float)(factor * p.HiddenWeights[row * g.Hidden + k]);
            }
        }
    }

    /// <summary>
    /// The transposed weights, as they are: for the hidden states' gradients, then for the samples'. Vectors of results stand in blocks
    /// of <see cref="TileSizes.ResultBlock"/> [unit][gate][vector of the block], the rest one by one [unit][gate].
    /// </summary>
    public static void Backward(LstmParameters p, TileSizes sizes, float* packed)
    {
        var g = sizes.Geometry;
        Transpose(p.HiddenWeights, g.Hidden, sizes.StateVectors, sizes, packed);
        Transpose(p.InputWeights, g.Inputs, sizes.InputVectors, sizes, packed + sizes.StateVectors * sizes.ResultWeights);
    }

    private static void Transpose(float* weights, int columns, int vectors, TileSizes sizes, float* packed)
    {
        var hidden = sizes.Geometry.Hidden;
        for (var column = 0; column < columns; column++)
        {
            var vector = column / sizes.UnitsPerVector;
            var blocked = vector < vectors / TileSizes.ResultBlock * TileSizes.ResultBlock;
            var block = blocked ? TileSizes.ResultBlock : 1;
            var to =
                packed + vector / block * block * sizes.ResultWeights + vector % block * sizes.WeightStride + column % sizes.UnitsPerVector;
            for (var unit = 0; unit < hidden; unit++)
            {
                for (var gate = 0; gate < Gates; gate++, to += block * sizes.WeightStride)
                    *to = weights[(gate * hidden + unit) * columns + column];
            }
        }
    }
}

/// <summary>The packed weights of a call: one block for each direction and layout in use.</summary>
internal sealed unsafe class TileWeights : IDisposable
{
    private readonly List<Block> _blocks = [];

    public TileWeights(LstmCall call, LstmTile[] tiles, bool backward)
    {
        foreach (var tile in tiles.DistinctBy(tile => (tile.Pass, tile.Direction)))
        {
            var sizes = tile.Pass.Sizes(call.Geometry);
            var memory = new NativeFloats(sizes.ForwardWeights + (backward ? sizes.BackwardWeights : 0));
            // Backward computes gates again only where forward kept no tape.
            if (!backward || !sizes.KeepsTape)
                PackedWeights.Forward(call.Parameters[tile.Direction], sizes, memory.Start);
            if (backward)
                PackedWeights.Backward(call.Parameters[tile.Direction], sizes, memory.Start + sizes.ForwardWeights);
            _blocks.Add(new(tile.Pass, tile.Direction, sizes, memory));
        }
    }

    public Block Of(LstmTile tile)
    {
        foreach (var block in _blocks)
        {
            if (block.Pass == tile.Pass && block.Direction == tile.Direction)
                return block;
        }

        throw new InvalidOperationException("the tile is not of this call");
    }

    public void Dispose() => _blocks.ForEach(block => block.Memory.Dispose());

    internal sealed record Block(ILstmTilePass Pass, int Direction, TileSizes Sizes, NativeFloats Memory)
    {
        public float* Weights => Memory.Start;
    }
}
