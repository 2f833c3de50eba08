namespace GlifMl.Tests.Simulation;

public sealed class GlifParameterTests
{
    [Fact]
    public void Keys_StandInTheStudysLabelOrder() => Assert.Equal(["C", "El", "R_input", "dt", "th_inf"], GlifParameter.Keys.ToArray());

    [Fact]
    public void Of_UnknownKey_ListsTheKnown()
    {
        var e = Assert.Throws<ArgumentException>(() => GlifParameter.Of("R"));

        Assert.Equal("found parameter 'R'; expected one of C, El, R_input, dt, th_inf", e.Message);
    }

    [Fact]
    public void InLabelOrder_OtherKeys_FollowByName()
    {
        Dictionary<string, int> values = new()
        {
            ["init_voltage"] = 0,
            ["th_inf"] = 0,
            ["El_reference"] = 0,
            ["C"] = 0,
        };

        Assert.Equal(["C", "th_inf", "El_reference", "init_voltage"], GlifParameter.InLabelOrder(values).Select(pair => pair.Key));
    }
}
