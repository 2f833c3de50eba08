namespace GlifMl.Torch;

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
