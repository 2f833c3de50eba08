using System.Runtime.InteropServices;

namespace GlifMl.Datasets;

/// <summary>How far a generation is. Only this process's part is counted.</summary>
/// <param name="TracesDone">Traces written or found valid.</param>
/// <param name="Traces">Traces to do.</param>
/// <param name="ShardsDone">Shards finished or found valid.</param>
/// <param name="Shards">Shards to do.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct GenerationProgress(long TracesDone, long Traces, int ShardsDone, int Shards);
