using GlifMl.Datasets;

namespace GlifMl.Tests.Datasets;

/// <summary>A source whose every value is a function of the trace's number, so that any order of filling can be checked.</summary>
internal sealed class HashedTraces(ShardSchema schema, long count) : ITraceSource
{
    public ShardSchema Schema => schema;

    public long Count => count;

    /// <summary>Run before each fill: to fail, to wait, or to count.</summary>
    public Action<long>? BeforeFill { get; init; }

    public void Fill(long firstTrace, TraceBatch batch)
    {
        BeforeFill?.Invoke(firstTrace);
        for (var row = 0; row < batch.Rows; row++)
        {
            var trace = firstTrace + row;
            for (var target = 0; target < Schema.Targets.Count; target++)
                batch.Labels(target)[row] = Label(trace, target);
            batch.ConfigurationIds[row] = Configuration(trace);
            batch.StimulusIds[row] = trace % 3;
            if (!batch.HoldsTraces)
                continue;
            var voltage = batch.Voltage(row);
            for (var n = 0; n < voltage.Length; n++)
                voltage[n] = Voltage(trace, n);
            if (Schema.HasStimulus)
            {
                var stimulus = batch.Stimulus(row);
                for (var n = 0; n < stimulus.Length; n++)
                    stimulus[n] = -Voltage(trace, n);
            }
            batch.SpikeCounts[row] = (int)(trace % 7);
        }
    }

    public static float Voltage(long trace, int n) => n % 11 == 10 ? float.NaN : -70f + (trace * 37 % 101) + (n * 13 % 17);

    public static double Label(long trace, int target) => trace * 10 + target;

    public static long Configuration(long trace) => trace / 4;

    public static DatasetPlan Plan(string directory, int tracesPerShard = 20, string definition = "0123456789abcdef0123456789abcdef") =>
        new()
        {
            Directory = directory,
            Split = "train",
            DefinitionHash = definition,
            TracesPerShard = tracesPerShard,
            SamplingRate = "200000 Hz",
            Seeds = new Dictionary<string, long> { ["traces"] = 7, ["noise"] = 1 },
            Shards = new ShardOptions { RowGroupRows = 8 },
        };

    /// <summary>Writes a small split and opens it.</summary>
    public static ShardDataView Generate(TempFolder folder, long count = 50, int samples = 30, bool stimulus = true)
    {
        var plan = Plan(folder.Path);
        DatasetGenerator.Generate(new HashedTraces(new ShardSchema(samples, stimulus), count), plan);
        return ShardDataView.Open(plan.SplitDirectory);
    }
}
