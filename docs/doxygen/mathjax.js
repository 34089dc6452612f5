// MathJax says nothing while it loads.
MathJax.Hub.Config({messageStyle: "none"});
