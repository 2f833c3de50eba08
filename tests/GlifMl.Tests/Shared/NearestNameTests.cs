namespace GlifMl.Tests;

public sealed class NearestNameTests
{
    [Theory]
    [InlineData("", "abc", 3)]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("NOISE-1", "noise-1", 0)]
    public void Distance_Examples_AreLevenshteins(string a, string b, int distance)
    {
        Assert.Equal(distance, NearestName.Distance(a, b));
        Assert.Equal(distance, NearestName.Distance(b, a));
    }

    [Fact]
    public void Find_Misspelt_OrdersByDistance() =>
        Assert.Equal(["hidden", "heads"], NearestName.Find("hiden", ["epochs", "heads", "hidden"], 2));

    [Fact]
    public void Suggest_FarFromAll_IsNull()
    {
        Assert.Equal("epochs", NearestName.Suggest("epoch", ["epochs", "seed"]));
        Assert.Null(NearestName.Suggest("banana", ["epochs", "seed"]));
    }
}
