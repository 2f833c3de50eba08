namespace GlifMl.Torch;

/// <summary>One unit of work: some rows of the batch in one direction. Its checkpoints start at the given float.</summary>
internal sealed record LstmTile(ILstmTilePass Pass, int Direction, int FirstRow, int Rows, int Steps, long CheckpointOffset)
{
    /// <summary>The sample of a step: the reverse direction starts at the longest row's last valid sample.</summary>
    public int SampleOf(int step) => Direction == 0 ? step : Steps - 1 - step;
}
