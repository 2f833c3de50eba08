namespace GlifMl.Lstm;

/// <summary>
/// Runs a tile chunk by chunk: forward keeping checkpoints, backward from the last chunk, each recomputed in cache. Short traces keep
/// their tape instead and recompute nothing.
/// </summary>
/// <param name="keptTapeBytes">The most that a tile may keep of its tape.</param>
internal sealed unsafe class LstmTilePass<TVector, TLanes, TLayout>(long keptTapeBytes) : ILstmTilePass
    where TVector : struct
    where TLanes : struct, IFloatLanes<TVector>
    where TLayout : struct, ILstmLayout<TVector>
{
    private const float SmallestNormal = 1.17549435e-38f;

    public TileSizes Sizes(LstmGeometry geometry) =>
        new(geometry, TLanes.Width, TLayout.Traces, TLayout.UnitsPerVector, TLayout.WeightStride, TLayout.OperandStride, keptTapeBytes);

    public void Forward(LstmCall call, LstmTile tile, TileSizes sizes, float* weights)
    {
        var keepsTape = call.Checkpoints != null && sizes.KeepsTape;
        var slots = keepsTape ? 0 : (sizes.Segment + 1L) * sizes.Slot;
        using var memory = new NativeFloats(
            NativeFloats.Padded(slots) + NativeFloats.Padded(TLanes.Width) + 3 * NativeFloats.Padded(sizes.State)
        );
        float* lengths = memory.Take(TLanes.Width),
            sum = memory.Take(sizes.State),
            compensation = memory.Take(sizes.State);
        var working = keepsTape
            ? TileMemory.KeptTape(call, tile, sizes)
            : new TileChunk { Slots = memory.Take(slots), Cells = memory.Take(sizes.State) };
        if (keepsTape)
            TileMemory.PrepareKept(tile, sizes, working);
        float* slot = working.Slots,
            cell = working.Cells,
            tape = working.Tape;
        var shortest = LoadLengths(call, tile, lengths);
        TileTransfer.LoadInitial(call.InitialHidden, tile, sizes, slot);
        TileTransfer.LoadInitial(call.InitialCell, tile, sizes, cell);
        for (var first = 0; first < tile.Steps; first += sizes.Segment)
        {
            var chunk = Chunk(tile, first, sizes.Segment, shortest, lengths);
            chunk.Slots = slot;
            chunk.Cells = cell;
            chunk.Tape = tape;
            LoadSamples(call, tile, sizes, chunk);
            if (keepsTape)
            {
                TileForward<TVector, TLanes, TLayout, KeepTape>.Run(sizes, weights, chunk);
            }
            else
            {
                if (call.Checkpoints != null)
                    TileMemory.SaveCheckpoint(TileMemory.Checkpoint(call, tile, sizes, first), slot, cell, sizes.State);
                TileForward<TVector, TLanes, TLayout, NoTape>.Run(sizes, weights, chunk);
            }

            if (call.TimeMean != null)
                TileTimeMean<TVector, TLanes>.Add(sizes, chunk, sum, compensation);
            if (call.Sequence != null)
            {
                var g = call.Geometry;
                TileTransfer.StoreSteps(
                    slot + sizes.Slot,
                    sizes.Slot,
                    call,
                    tile,
                    sizes,
                    first,
                    chunk.Steps,
                    call.Sequence,
                    g.Outputs,
                    tile.Direction * g.Hidden,
                    g.Hidden
                );
            }

            var next = slot + (long)chunk.Steps * sizes.Slot;
            if (keepsTape)
            {
                slot = next;
                cell += (long)chunk.Steps * sizes.State;
                tape += (long)chunk.Steps * sizes.Tape;
            }
            else
            {
                TileMemory.Copy(next, slot, sizes.State);
            }
        }

        TileTransfer.StoreFinal(slot, tile, sizes, call.FinalHidden);
        TileTransfer.StoreFinal(cell, tile, sizes, call.FinalCell);
        TileTransfer.StoreFinal(sum, tile, sizes, call.TimeMean);
        DivideByLength(call, tile);
    }

    public void Backward(
        LstmCall call,
        LstmGradients gradients,
        LstmTile tile,
        TileSizes sizes,
        float* weights,
        float* inputGradient,
        double* totals
    )
    {
        var g = call.Geometry;
        var steps = sizes.Chunk;
        var states = sizes.KeepsTape ? 0 : steps + 1L;
        long slots = states * sizes.Slot,
            cells = states * sizes.State;
        var sequences = gradients.Sequence == null ? 0 : (long)steps * sizes.State;
        var samples = inputGradient == null ? 0 : (long)steps * sizes.Sample;
        using var memory = new NativeFloats(
            NativeFloats.Padded(slots)
                + NativeFloats.Padded(cells)
                + NativeFloats.Padded(sequences)
                + NativeFloats.Padded(samples)
                + NativeFloats.Padded(TLanes.Width)
                + 3 * NativeFloats.Padded(sizes.State)
                + NativeFloats.Padded(sizes.WeightSums)
        );
        // The largest of all, and written before it is read.
        using var tape = new NativeFloats((long)steps * sizes.Tape, zeroed: false);
        float* slot = memory.Take(slots),
            cell = memory.Take(cells),
            lengths = memory.Take(TLanes.Width);
        var sums = memory.Take(sizes.WeightSums);
        var d = new TileGradients
        {
            Hidden = memory.Take(sizes.State),
            Cell = memory.Take(sizes.State),
            Mean = memory.Take(sizes.State),
            Sequence = sequences == 0 ? null : memory.Take(sequences),
            Sample = samples == 0 ? null : memory.Take(samples),
        };
        var shortest = LoadLengths(call, tile, lengths);
        TileTransfer.LoadFinal(gradients.FinalHidden, call, tile, sizes, d.Hidden, perSample: false);
        TileTransfer.LoadFinal(gradients.FinalCell, call, tile, sizes, d.Cell, perSample: false);
        TileTransfer.LoadFinal(gradients.TimeMean, call, tile, sizes, d.Mean, perSample: true);
        var kept = sizes.KeepsTape ? TileMemory.KeptTape(call, tile, sizes) : default;
        if (!sizes.KeepsTape)
            TileMemory.SetOnes(sizes, slot, steps);
        var unflushed = 0;
        for (var first = (sizes.Chunks(tile.Steps) - 1) * steps; first >= 0; first -= steps)
        {
            var chunk = Chunk(tile, first, steps, shortest, lengths);
            if (gradients.TimeMean == null && gradients.Sequence == null && IsSpent(d, sizes.State))
            {
                new Span<float>(d.Hidden, sizes.State).Clear();
                new Span<float>(d.Cell, sizes.State).Clear();
                if (inputGradient != null)
                    TileTransfer.ClearSteps(tile, sizes, first + chunk.Steps, inputGradient, g.Inputs);
                break;
            }

            chunk.Slots = slot;
            chunk.Cells = cell;
            chunk.Tape = chunk.GateGradients = tape.Start;
            if (sizes.KeepsTape)
            {
                chunk.Slots = kept.Slots + (long)first * sizes.Slot;
                chunk.Cells = kept.Cells + (long)first * sizes.State;
                chunk.Tape = kept.Tape + (long)first * sizes.Tape;
            }
            else
            {
                Recompute(call, tile, sizes, weights, chunk);
            }

            if (d.Sequence != null)
            {
                TileTransfer.LoadSteps(
                    gradients.Sequence,
                    g.Outputs,
                    tile.Direction * g.Hidden,
                    g.Hidden,
                    tile,
                    sizes,
                    first,
                    chunk.Steps,
                    d.Sequence,
                    sizes.State
                );
            }

            TileBackward<TVector, TLanes, TLayout>.Run(sizes, weights + sizes.ForwardWeights, chunk, d);
            TileWeightGradients<TVector, TLanes, TLayout>.Add(sizes, chunk, sums);
            unflushed += chunk.Steps;
            if (unflushed >= TileWeightGradients<TVector, TLanes, TLayout>.StepsPerFlush)
            {
                TileWeightGradients<TVector, TLanes, TLayout>.Flush(sizes, sums, totals);
                unflushed = 0;
            }

            if (d.Sample != null)
            {
                TileTransfer.StoreSteps(
                    d.Sample,
                    sizes.Sample,
                    null,
                    tile,
                    sizes,
                    first,
                    chunk.Steps,
                    inputGradient,
                    g.Inputs,
                    firstColumn: 0,
                    g.Inputs
                );
            }
        }

        TileWeightGradients<TVector, TLanes, TLayout>.Flush(sizes, sums, totals);
        TileTransfer.StoreInitial(d.Hidden, tile, sizes, gradients.InitialHidden);
        TileTransfer.StoreInitial(d.Cell, tile, sizes, gradients.InitialCell);
    }

    /// <summary>A chunk's gates and states, from its checkpoints; the trace's last chunk may end within a segment.</summary>
    private static void Recompute(LstmCall call, LstmTile tile, TileSizes sizes, float* weights, in TileChunk chunk)
    {
        LoadSamples(call, tile, sizes, chunk);
        for (var step = 0; step < chunk.Steps; step += sizes.Segment)
        {
            var checkpoint = TileMemory.Checkpoint(call, tile, sizes, chunk.FirstStep + step);
            TileMemory.RestoreCheckpoint(checkpoint, chunk.Slots + step * sizes.Slot, chunk.Cells + step * sizes.State, sizes.State);
        }

        if (sizes.Segments > 1 && chunk.Steps == sizes.Chunk)
            TileForward<TVector, TLanes, TLayout, KeepTape>.RunSegments(sizes, weights, chunk);
        else
            TileForward<TVector, TLanes, TLayout, KeepTape>.Run(sizes, weights, chunk);
    }

    /// <summary>
    /// Whether nothing travels further back: every gradient is below the smallest normal float, where it has no digits left and, times a
    /// forget gate above 1/2, would round to itself for ever. A row whose last valid sample is still to come holds its gradient, and so is
    /// not spent.
    /// </summary>
    private static bool IsSpent(in TileGradients d, int state)
    {
        for (var n = 0; n < state; n++)
        {
            if (!(Math.Abs(d.Hidden[n]) < SmallestNormal && Math.Abs(d.Cell[n]) < SmallestNormal))
                return false;
        }

        return true;
    }

    private static TileChunk Chunk(LstmTile tile, int first, int steps, int shortest, float* lengths)
    {
        var chunk = TileChunk.Of(tile, first, steps);
        var latest = Math.Max(chunk.FirstSample, tile.SampleOf(first + chunk.Steps - 1));
        chunk.Lengths = latest < shortest ? null : lengths;
        return chunk;
    }

    /// <summary>Fills the lanes with the rows' lengths; lanes without a row count as full. Returns the shortest.</summary>
    private static int LoadLengths(LstmCall call, LstmTile tile, float* lengths)
    {
        new Span<float>(lengths, TLanes.Width).Fill(tile.Steps);
        var shortest = tile.Steps;
        for (var r = 0; r < tile.Rows; r++)
        {
            var length = call.LengthOf(tile.FirstRow + r);
            shortest = Math.Min(shortest, length);
            lengths[r] = length;
        }

        return shortest;
    }

    private static void LoadSamples(LstmCall call, LstmTile tile, TileSizes sizes, in TileChunk chunk) =>
        TileTransfer.LoadSteps(
            call.Input,
            call.Geometry.Inputs,
            0,
            call.Geometry.Inputs,
            tile,
            sizes,
            chunk.FirstStep,
            chunk.Steps,
            chunk.Slots + sizes.State,
            sizes.Slot
        );

    private static void DivideByLength(LstmCall call, LstmTile tile)
    {
        var g = call.Geometry;
        for (var row = tile.FirstRow; call.TimeMean != null && row < tile.FirstRow + tile.Rows; row++)
        {
            foreach (ref var mean in new Span<float>(call.TimeMean + (long)row * g.Outputs + tile.Direction * g.Hidden, g.Hidden))
                mean /= call.LengthOf(row);
        }
    }
}
