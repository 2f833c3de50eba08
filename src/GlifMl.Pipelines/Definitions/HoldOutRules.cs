namespace GlifMl.Pipelines.Definitions;

/// <summary>What makes <c>dataset.hold_out</c> a part of the grid that can be left out.</summary>
internal sealed class HoldOutRules(MarkedNode.Mapping root, YamlBinder binder)
{
    private const string Here = "dataset.hold_out";

    /// <summary>Reports every broken rule.</summary>
    /// <returns>The definition's hold-out where it can be carried out; null where it has none or a faulty one.</returns>
    public HoldOutDefinition? Check(ParametersDefinition parameters)
    {
        if ((root["dataset"] as MarkedNode.Mapping)?["hold_out"] is not { } node || binder.Clean<HoldOutDefinition>(node) is not { } holdOut)
            return null;
        if (parameters.Design != ParameterDesign.Grid)
        {
            binder.Faults.Add(
                node.Mark,
                $"{Here} is given, but the design is {ScalarValues.Format(parameters.Design)}, in which every test configuration is unseen already; only a grid takes it");
            return null;
        }

        var before = binder.Faults.Count;
        CheckKeys(node, holdOut, parameters);
        if (binder.Faults.Count == before)
            CheckShare(node, holdOut, parameters);
        return binder.Faults.Count == before ? holdOut : null;
    }

    /// <summary>Configurations outside the held-out cells.</summary>
    public static long Left(ParametersDefinition parameters, HoldOutDefinition holdOut)
    {
        var (cells, configurations) = (Combinations(parameters, holdOut.Keys), Combinations(parameters, parameters.Values.Keys));
        return configurations / cells * (cells - holdOut.CellsOf(cells));
    }

    private void CheckKeys(MarkedNode node, HoldOutDefinition holdOut, ParametersDefinition parameters)
    {
        var keys = (node as MarkedNode.Mapping)?["keys"] as MarkedNode.Sequence;
        for (var i = 0; i < holdOut.Keys.Count; i++)
        {
            var (key, mark) = (holdOut.Keys[i], keys?.Items[i].Mark ?? node.Mark);
            if (!parameters.Values.ContainsKey(key))
                binder.Faults.Add(mark, $"{Here}.keys has '{key}', which the grid does not vary; {UnknownName.Advice(key, [.. parameters.Values.Keys])}");
            else if (holdOut.Keys.Take(i).Contains(key))
                binder.Faults.Add(mark, $"{Here}.keys has '{key}' twice; expected once");
        }
    }

    private void CheckShare(MarkedNode node, HoldOutDefinition holdOut, ParametersDefinition parameters)
    {
        var cells = Combinations(parameters, holdOut.Keys);
        if (holdOut.CellsOf(cells) is var left && (left < 1 || left >= cells))
        {
            binder.Faults.Add(
                ((node as MarkedNode.Mapping)?["share"] ?? node).Mark,
                $"{Here}.share is {ScalarValues.Format(holdOut.Share)}, which leaves out {left} of {cells} cells; expected at least 1 and not all");
        }
    }

    private static long Combinations(ParametersDefinition parameters, IEnumerable<string> keys) =>
        keys.Aggregate(1L, (product, key) => product * parameters.Values[key].Count);
}
