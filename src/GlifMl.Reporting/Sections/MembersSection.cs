namespace GlifMl.Reporting;

/// <summary>How far an ensemble's networks lie apart, beside how wide their own posteriors are.</summary>
internal static class MembersSection
{
    public static void Add(ReportPage page, SplitMetrics test)
    {
        if (test.Parameters.Values.All(p => p.MemberSpread is null))
            return;
        var hasWidths = test.Parameters.Values.Any(p => p.MemberWidth is not null);
        page.Section("members", "Networks of the ensemble");
        page.Paragraph(
            $"""
            The standard deviation between the networks, which differ by their seeds alone: what training leaves open. Means over the test
            traces, in the parameter’s unit.
            """
        );
        if (hasWidths)
            page.Paragraph(
                $"""
                Beside it the deviation that the networks’ own posteriors have, what the ensemble’s is without what they differ by: what the
                traces leave open. Where the first is not small beside the second, one network alone is too sure.
                """
            );
        page.Table(
            ["parameter", "unit", "between networks", .. hasWidths ? ["within each", "ratio"] : Array.Empty<string>()],
            test.Parameters.Select(p =>
                (IReadOnlyList<Html>)
                    [
                        Html.Text(p.Key),
                        Html.Text(p.Value.Unit),
                        Html.Number(p.Value.MemberSpread, "G3"),
                        .. hasWidths
                            ? [Html.Number(p.Value.MemberWidth, "G3"), Html.Number(p.Value.MemberSpread / p.Value.MemberWidth, "F2")]
                            : Array.Empty<Html>(),
                    ]
            )
        );
    }
}
