namespace GlifMl.Torch;

/// <summary>Sums the hidden states of valid steps: chunks in float, their sums with Kahan's compensation, since traces are long.</summary>
internal static unsafe class TileTimeMean<TVector, TLanes>
    where TVector : struct
    where TLanes : struct, IFloatLanes<TVector>
{
    public static void Add(TileSizes sizes, in TileChunk chunk, float* sum, float* compensation)
    {
        for (var unit = 0; unit < sizes.State; unit += TLanes.Width)
        {
            var chunkSum = TLanes.Broadcast(0);
            var hidden = chunk.Slots + sizes.Slot + unit;
            var sample = chunk.FirstSample;
            for (var step = 0; step < chunk.Steps; step++, hidden += sizes.Slot, sample += chunk.SampleIncrement)
            {
                var h = TLanes.Load(hidden);
                if (chunk.Lengths != null)
                    h = TLanes.Select(TLanes.LessThan(TLanes.Broadcast(sample), TLanes.Load(chunk.Lengths)), h, TLanes.Broadcast(0));
                chunkSum = TLanes.Add(chunkSum, h);
            }

            var term = TLanes.Subtract(chunkSum, TLanes.Load(compensation + unit));
            var before = TLanes.Load(sum + unit);
            var after = TLanes.Add(before, term);
            TLanes.Store(compensation + unit, TLanes.Subtract(TLanes.Subtract(after, before), term));
            TLanes.Store(sum + unit, after);
        }
    }
}
