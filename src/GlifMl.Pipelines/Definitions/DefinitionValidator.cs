using System.Text;

namespace GlifMl.Pipelines;

/// <summary>
/// The rules that tie several values of a definition together. A rule looks only at values that were bound without a fault.
/// </summary>
internal sealed class DefinitionValidator(MarkedNode.Mapping root, YamlBinder binder)
{
    // File systems take 255 bytes; comparisons and lists of runs add the seed and what is held out.
    private const int LongestName = 200;
    private const string Parameters = "dataset.parameters";

    /// <summary>Reports every broken rule.</summary>
    public void Validate()
    {
        CheckName();
        CheckParameters("targets", "target");
        CheckParameters("known", "known parameter");
        CheckKnown();
        if (root["pipeline"] is MarkedNode.Sequence { Items.Count: 0 } steps)
            binder.Refuse(steps, "pipeline", "expected at least one step");
        if (binder.Clean<ParametersDefinition>(At("dataset", "parameters")) is not { } parameters)
            return;
        CheckDesign(parameters);
        CheckValues(parameters);
        CheckRanges(parameters);
        CheckTargetsVary(parameters);
        var holdOut = new HoldOutRules(root, binder).Check(parameters);
        CheckTraces(parameters, holdOut);
        CheckMembrane();
        CheckSources(parameters);
    }

    /// <summary>The name is a folder's name.</summary>
    private void CheckName()
    {
        if (root["name"] is not MarkedNode.Scalar { IsNull: false } name)
            return;
        if (name.Text is "." or ".." || name.Text.Any(c => c is '/' or '\\' or ':' || char.IsControl(c)))
            binder.Refuse(name, "name", "expected a name without / \\ : or line breaks");
        else if (Encoding.UTF8.GetByteCount(name.Text) is var bytes and > LongestName)
            binder.Faults.Add(name.Mark, $"name: found {bytes} bytes; expected at most {LongestName}, because it names folders");
    }

    private void CheckParameters(string key, string word)
    {
        if (root[key] is not MarkedNode.Sequence parameters)
            return;
        if (parameters.Items.Count == 0)
            binder.Refuse(parameters, key, "expected at least one parameter");
        var seen = new HashSet<string>();
        foreach (var parameter in parameters.Items.OfType<MarkedNode.Scalar>())
        {
            if (!GlifParameter.Keys.Contains(parameter.Text))
                binder.Faults.Add(
                    parameter.Mark,
                    $"found unknown {word} {Quoted.Of(parameter.Text)}; {UnknownName.Advice(parameter.Text, GlifParameter.Keys)}"
                );
            else if (!seen.Add(parameter.Text))
                binder.Faults.Add(parameter.Mark, $"found {word} '{parameter.Text}' twice; expected it once");
        }
    }

    /// <summary>What is known is not asked for.</summary>
    private void CheckKnown()
    {
        if (root["known"] is not MarkedNode.Sequence known)
            return;
        var names = known.Items.OfType<MarkedNode.Scalar>().ToArray();
        var targets = (root["targets"] as MarkedNode.Sequence)?.Items.OfType<MarkedNode.Scalar>().Select(t => t.Text).ToHashSet();
        foreach (var name in names.Where(name => targets?.Contains(name.Text) == true))
            binder.Refuse(name, "known", "expected no target, because a model is not asked for what it is given");
        if (targets is null && GlifParameter.Keys.All(key => names.Any(name => name.Text == key)))
            binder.Refuse(known, "known", "expected a parameter to be left to ask for");
    }

    private void CheckDesign(ParametersDefinition parameters)
    {
        var design = ScalarValues.Format(parameters.Design);
        var isGrid = parameters.Design == DesignKind.Grid;
        if (!isGrid && parameters.Values.Count > 0)
            Unwanted("values", $"the design is {design} and takes ranges");
        if (isGrid && parameters.Ranges.Count > 0)
            Unwanted("ranges", "the design is grid and takes values");
        if (parameters.Design != DesignKind.LatinHypercube && parameters.Count is not null)
            Unwanted("count", $"the design is {design} and only latin-hypercube takes it");
    }

    /// <summary>A key of another design. It may come from a base, where an override can only empty it.</summary>
    private void Unwanted(string key, string reason) =>
        binder.Faults.Add(
            At("dataset", "parameters", key)!.Mark,
            $"{Parameters}: found {key}, but {reason}; expected none (to drop what a base gives, write '{key}: ~')"
        );

    private void CheckValues(ParametersDefinition parameters)
    {
        foreach (var (name, values) in parameters.Values)
        {
            var path = $"{Parameters}.values.{name}";
            var node = (MarkedNode.Sequence)At("dataset", "parameters", "values", name)!;
            if (!IsKnown(name, "values"))
                continue;
            if (values.Count == 0)
                binder.Refuse(node, path, "expected at least one value");
            for (var i = 0; i < values.Count; i++)
                CheckParameter(name, values[i], node.Items[i], $"{path}.{i}");
        }
    }

    private void CheckRanges(ParametersDefinition parameters)
    {
        foreach (var (name, range) in parameters.Ranges)
        {
            var path = $"{Parameters}.ranges.{name}";
            var node = At("dataset", "parameters", "ranges", name)!;
            if (!IsKnown(name, "ranges"))
                continue;
            CheckParameter(name, range.Min, (node as MarkedNode.Mapping)?["min"] ?? node, $"{path}.min");
            if (range.IsFixed)
                binder.Refuse(node, path, "expected min below max");
        }
    }

    private bool IsKnown(string name, string section)
    {
        if (GlifParameter.Keys.Contains(name))
            return true;
        var mark = ((MarkedNode.Mapping)At("dataset", "parameters", section)!).Entries.First(entry => entry.Key == name).KeyMark;
        binder.Faults.Add(mark, $"found unknown parameter {Quoted.Of(name)}; {UnknownName.Advice(name, GlifParameter.Keys)}");
        return false;
    }

    private void CheckParameter(string name, double value, MarkedNode node, string path)
    {
        if (!double.IsFinite(value))
            binder.Refuse(node, path, "expected a finite number");
        else if (value <= 0 && GlifParameter.Of(name).IsPositive)
            binder.Refuse(node, path, "expected more than 0");
    }

    private void CheckTargetsVary(ParametersDefinition parameters)
    {
        var isGrid = parameters.Design == DesignKind.Grid;
        var section = isGrid ? "values" : "ranges";
        var varied = isGrid ? parameters.Values.Keys : parameters.Ranges.Keys;
        var targets = root["targets"] is MarkedNode.Sequence said
            ? said.Items.OfType<MarkedNode.Scalar>().Select(target => target.Text).Where(GlifParameter.Keys.Contains)
            : GlifParameter.Keys.AsEnumerable();
        var known = (root["known"] as MarkedNode.Sequence)?.Items.OfType<MarkedNode.Scalar>().Select(name => name.Text) ?? [];
        foreach (var target in targets.Union(known.Where(GlifParameter.Keys.Contains)).Except(varied))
        {
            binder.Faults.Add(
                (At("dataset", "parameters", section) ?? At("dataset", "parameters"))!.Mark,
                $"{Parameters}.{section}: found no '{target}'; "
                    + $"expected {section} for every {(known.Contains(target) ? "known parameter" : "target")}"
            );
        }
    }

    private void CheckTraces(ParametersDefinition parameters, HoldOutDefinition? holdOut)
    {
        var isGrid = parameters.Design == DesignKind.Grid;
        var configurations = parameters.Configurations;
        foreach (var name in SplitsDefinition.Names)
        {
            if (binder.Clean<SplitDefinition>(At("dataset", "splits", name)) is not { } split)
                continue;
            var (traces, path) = (At("dataset", "splits", name, "traces")!, $"dataset.splits.{name}.traces");
            if (!isGrid && split.Traces.IsAll)
                binder.Refuse(
                    traces,
                    path,
                    $"expected a number, because only a grid has a whole and the design is {ScalarValues.Format(parameters.Design)}"
                );
            else if (split.IsEndless)
                continue;
            else if (configurations > 0 && isGrid && split.Traces.Number > configurations * split.Sweeps)
                binder.Refuse(
                    traces,
                    path,
                    $"expected at most {configurations * split.Sweeps}, the grid's configurations times the sweeps"
                );
            else if (isGrid && holdOut is not null && name == "test" && !split.Traces.IsAll)
                binder.Refuse(traces, path, "expected 'all', because dataset.hold_out compares held-out cells with the rest of the grid");
            else if (
                isGrid
                && holdOut is not null
                && name != "test"
                && split.Traces.Number > HoldOutRules.Left(parameters, holdOut) * split.Sweeps
            )
                binder.Refuse(
                    traces,
                    path,
                    $"expected at most {HoldOutRules.Left(parameters, holdOut) * split.Sweeps}, "
                        + "the configurations outside the held-out cells times the sweeps"
                );
        }
    }

    /// <summary>What only membranes have, and what they have not.</summary>
    private void CheckMembrane()
    {
        var hasMembrane = At("dataset", "membrane") is MarkedNode.Mapping;
        var trace = binder.Clean<TraceDefinition>(At("dataset", "trace"));
        var at = At("dataset", "trace") ?? At("dataset")!;
        if (trace?.Holds == TraceContents.Readings && !hasMembrane)
            binder.Refuse(at, "dataset.trace.holds", "expected samples, because only membranes (dataset.membrane) are read");
        if (trace?.Holds == TraceContents.Readings && trace.SamplingRateHz is null)
            binder.Refuse(at, "dataset.trace.dt", "expected sampling-interval, because readings of sweeps have no dt");
        if (hasMembrane && trace is not null && trace.SpikeCuts != SpikeCuts.Keep)
            binder.Refuse(at, "dataset.trace.spike_cuts", "expected keep, because spikes of membranes are cut as those of recordings are");
        foreach (var name in SplitsDefinition.Names)
        {
            if (
                !hasMembrane
                && binder.Clean<SplitDefinition>(At("dataset", "splits", name)) is { } split
                && split.Stimulus.Stimuli.Any(stimulus => stimulus.Rheobases is not null)
            )
                binder.Refuse(
                    At("dataset", "splits", name)!,
                    $"dataset.splits.{name}.stimulus",
                    "expected no rheobases, because only membranes (dataset.membrane) are simulated to find theirs"
                );
        }
    }

    private void CheckSources(ParametersDefinition parameters)
    {
        foreach (var name in SplitsDefinition.Names)
        {
            if (binder.Clean<SplitDefinition>(At("dataset", "splits", name)) is not { } split)
                continue;
            if (split is { Shown: not null, IsEndless: false })
                binder.Refuse(
                    At("dataset", "splits", name, "shown")!,
                    $"dataset.splits.{name}.shown",
                    "expected none, because only simulated traces (source: simulate) are not shown in every epoch"
                );
            if (!split.IsEndless)
                continue;
            var source = At("dataset", "splits", name, "source")!;
            if (name != "train")
                binder.Refuse(source, $"dataset.splits.{name}.source", "expected shards, because what is scored has to stay the same");
            else if (parameters.Design == DesignKind.LatinHypercube)
                binder.Refuse(
                    source,
                    $"dataset.splits.{name}.source",
                    "expected shards, because the design is latin-hypercube, whose points come to an end (sobol, uniform and grid go on)"
                );
        }
    }

    private MarkedNode? At(params string[] keys) => keys.Aggregate((MarkedNode?)root, (node, key) => (node as MarkedNode.Mapping)?[key]);
}
