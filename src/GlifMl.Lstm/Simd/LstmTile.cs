namespace GlifMl.Lstm;

/// <summary>One unit of work: some rows of the batch in one direction. Its checkpoints start at the given float.</summary>
internal sealed record LstmTile(ILstmTilePass Pass, int Direction, int FirstRow, int Rows, int Steps, long CheckpointOffset)
{
    /// <summary>The sample of a step: the reverse direction starts at the longest row's last valid sample.</summary>
    public int SampleOf(int step) => Direction == 0 ? step : Steps - 1 - step;
}

/// <summary>Runs tiles of one layout and vector width. Nothing here allocates managed memory.</summary>
internal unsafe interface ILstmTilePass
{
    TileSizes Sizes(LstmGeometry geometry);

    /// <param name="call">The whole call.</param>
    /// <param name="tile">The rows to compute.</param>
    /// <param name="sizes">Of this layout.</param>
    /// <param name="weights">Packed forward weights of the tile's direction.</param>
    void Forward(LstmCall call, LstmTile tile, TileSizes sizes, float* weights);

    /// <param name="call">The forward call.</param>
    /// <param name="gradients">Where gradients come from and go to.</param>
    /// <param name="tile">The rows to compute.</param>
    /// <param name="sizes">Of this layout.</param>
    /// <param name="weights">Packed forward weights, then packed backward weights, of the tile's direction.</param>
    /// <param name="inputGradient">[Batch, Time, Inputs] of this direction, or null.</param>
    /// <param name="totals">[4 * hidden, hidden states then samples then bias]: the tile's weight gradients, to be added to.</param>
    void Backward(
        LstmCall call,
        LstmGradients gradients,
        LstmTile tile,
        TileSizes sizes,
        float* weights,
        float* inputGradient,
        double* totals
    );
}
