namespace GlifMl.Torch;

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
